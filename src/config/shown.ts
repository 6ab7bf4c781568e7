import type { Config } from './config.ts'
import type { Resolved } from './resolve.ts'
import { envName, notBuiltYet, paths, settingAt } from './settings.ts'
import type { Path } from './settings.ts'

/** What somebody has set and this version does nothing with. */
export function unused(resolved: Record<Path, Resolved>): string[] {
  const isUnused = (path: Path): boolean => {
    const { unused: trait, part } = settingAt(path)
    return (
      trait === true ||
      (trait !== undefined && trait === resolved[path].value) ||
      (part !== undefined && notBuiltYet.has(part))
    )
  }
  return paths.filter((path) => resolved[path].chosen && isUnused(path)).map(envName)
}

export const shown = (resolved: Record<Path, Resolved>): Config['shown'] =>
  paths.map((path) => ({
    path,
    env: envName(path),
    value: resolved[path].shown,
    from: resolved[path].chosen ? (resolved[path].where ?? 'default') : 'default',
  }))

/** For `doctor`: every setting as it is, by its path; secrets hidden, numbers and addresses of people masked. */
export const redactedConfig = (config: Config): Record<string, string> =>
  Object.fromEntries(
    config.shown.map(({ path, value, from }) => [
      path,
      value === '' ? 'not set' : from === 'default' ? value : `${value} (${from})`,
    ]),
  )
