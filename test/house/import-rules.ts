// The rules of the data flow: core imports core; ports core; app core and ports; an adapter itself, core, ports, app and
// the two toolboxes that hold no state (crypto and i18n), never another adapter.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The top-level files that know every adapter. */
const composition = ['main.ts', 'compose.ts', 'compose/']

/** Which folders a layer may import besides itself, and whether it may use packages and node: at all. */
const layers: Record<string, { readonly folders: readonly string[]; readonly packages: boolean }> = {
  core: { folders: [], packages: false },
  ports: { folders: ['core'], packages: false },
  app: { folders: ['core', 'ports'], packages: false },
}
const toolboxes = ['crypto', 'i18n']
const toolbox = { folders: ['core', 'ports'], packages: true }
const adapter = { folders: ['core', 'ports', 'app', ...toolboxes], packages: true }

/** Adapters that are folders of adapters: here neighbours are strangers too. */
const families = ['channels', 'stores']

const specifiers = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"\n]+)\1/g

export function importsOf(source: string): string[] {
  return [...new Set([...source.matchAll(specifiers)].map((found) => found[2] ?? ''))]
}

/** Why a file (its path below src/) may not import a specifier; undefined if it may. */
export function trouble(file: string, specifier: string): string | undefined {
  if (composition.some((name) => file === name || (name.endsWith('/') && file.startsWith(name)))) return undefined
  const layer = topOf(file)
  const rules = layers[layer] ?? (toolboxes.includes(layer) ? toolbox : adapter)
  if (!specifier.startsWith('.')) return rules.packages ? undefined : `${layer} uses no packages: ${specifier}`
  const target = path.posix.join(path.posix.dirname(file), specifier)
  if (target.startsWith('../')) return `leaves src: ${specifier}`
  const other = topOf(target)
  if (other !== layer)
    return rules.folders.includes(other) ? undefined : `${layer} may not import ${other}: ${specifier}`
  return families.includes(layer) && !related(path.posix.dirname(file), path.posix.dirname(target))
    ? `one of the ${layer} imports another: ${specifier}`
    : undefined
}

/** The first folder of a path below src/; a file that lies in none is a layer of its own. */
const topOf = (file: string): string => file.split('/')[0] ?? file

/** One folder is the other, or holds it. */
const related = (one: string, other: string): boolean =>
  `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`)

/** Every breach in a source folder, as "file: why". */
export function breaches(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => name.endsWith('.ts'))
    .flatMap((file) =>
      importsOf(readFileSync(path.join(folder, file), 'utf8')).flatMap((specifier) => {
        const why = trouble(file, specifier)
        return why === undefined ? [] : [`${file}: ${why}`]
      }),
    )
}
