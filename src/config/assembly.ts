import type { Part, Problem } from './problem.ts'
import { about } from './resolve.ts'
import type { Resolved } from './resolve.ts'
import { notBuiltYet, paths, settingAt } from './settings.ts'
import type { Path, Values } from './settings.ts'

/** What the parts of the configuration are put together from. */
export interface Assembly {
  values: Values
  /** A setting of this part was set by somebody, rightly or wrongly: they want it. */
  wanted: (part: Part) => boolean
  /** Wanted, and nothing is wrong with it. */
  usable: (part: Part) => boolean
  /** Usable, and this version has it. */
  works: (part: Part) => boolean
  /** `disables`: another part than the setting's own, or `nothing`. */
  report: (
    path: Path,
    found: string,
    expected: string,
    more?: { instead: string; disables?: Part | 'nothing'; example?: string },
  ) => void
  /** Reports each of these that is not set. */
  need: (...required: Path[]) => void
}

export function assembly(values: Values, resolved: Record<Path, Resolved>, problems: Problem[]): Assembly {
  const wanted = (part: Part): boolean => paths.some((path) => settingAt(path).part === part && resolved[path].chosen)
  const usable = (part: Part): boolean => wanted(part) && !problems.some((problem) => problem.disables === part)
  const report: Assembly['report'] = (path, found, expected, more) => {
    const { disables: usual, ...common } = about(path)
    const disables = more?.disables ?? usual
    const { where } = resolved[path]
    problems.push({
      ...common,
      ...(where && { where }),
      ...(disables && disables !== 'nothing' && { disables }),
      ...(more?.example !== undefined && { example: more.example }),
      found,
      expected,
      instead: more?.instead ?? (disables ? `${disables} is off` : common.instead),
    })
  }
  return {
    values,
    wanted,
    usable,
    works: (part) => usable(part) && !notBuiltYet.has(part),
    report,
    need: (...required) => {
      for (const path of required) {
        const reported = problems.some((problem) => problem.path === path)
        if (values[path] === undefined && !reported) report(path, 'nothing', settingAt(path).read.expected)
      }
    },
  }
}
