import { readYaml } from './yaml-file.ts'
import type { Problem } from './problem.ts'
import { quoted } from './problem.ts'
import { envName, isPath, paths, settingAt } from './settings.ts'
import type { Path } from './settings.ts'
import { suggest } from './suggest.ts'

/** One way in which a setting was given: its text, or the file that holds it. */
export interface Given {
  where: string
  text?: string
  file?: string
}

/** The settings that came from one place. Nothing is checked yet but the names. */
export interface Layer {
  /** `environment`, `local.yaml`, `default.yaml`. */
  name: string
  given: Map<Path, Given>
  problems: Problem[]
}

/** An empty variable is unset. Names are judged here, values later. */
export function environmentLayer(env: Readonly<Record<string, string | undefined>>): Layer {
  const layer: Layer = { name: 'environment', given: new Map(), problems: [] }
  const known = new Map<string, { path: Path; kind: 'text' | 'file' }>()
  for (const path of paths) {
    if (settingAt(path).secret) known.set(`${envName(path)}_FILE`, { path, kind: 'file' })
    known.set(envName(path), { path, kind: 'text' })
  }
  for (const [name, value] of Object.entries(env)) {
    if (!/^imok_/i.test(name) || value === undefined || value.trim() === '') continue
    const meant = known.get(name)
    if (meant) give(layer, meant.path, meant.kind, value.trim(), 'the environment')
    else layer.problems.push(unknownName(name, 'the environment', [...known.keys()], name))
  }
  return layer
}

/** The settings of a yaml file. Secrets may be given as `<key>_file`. */
export function yamlLayer(name: string, text: string): Layer {
  const file = readYaml(name, text)
  const layer: Layer = { name, given: new Map(), problems: file.problems }
  if (file.content === undefined || file.content === '') return layer
  if (!isRecord(file.content)) {
    layer.problems.push({
      path: name,
      found: 'no settings',
      expected: 'lines like "key: value"',
      instead: 'the whole file is left out',
    })
    return layer
  }
  for (const [key, value] of Object.entries(file.content)) {
    if (!groups.has(key)) takeYaml(layer, key, value, file.where([key]))
    else if (isRecord(value))
      for (const [inner, one] of Object.entries(value))
        takeYaml(layer, `${key}.${inner}`, one, file.where([key, inner]))
    else if (value !== '')
      layer.problems.push(notAValue(key, file.where([key]), 'settings of its own below it, indented'))
  }
  return layer
}

const groups = new Set(paths.filter((path) => path.includes('.')).map((path) => path.slice(0, path.indexOf('.'))))
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isText = (value: unknown): value is string => typeof value === 'string'

function takeYaml(layer: Layer, key: string, value: unknown, where: string): void {
  const inFile = key.endsWith('_file') ? key.slice(0, -'_file'.length) : ''
  const asFile = !isPath(key) && isPath(inFile) && settingAt(inFile).secret
  const path = asFile ? inFile : key
  if (!isPath(path)) {
    layer.problems.push(unknownName(key, where, [...paths, ...groups]))
    return
  }
  const text = settingAt(path).list && Array.isArray(value) && value.every(isText) ? value.join(',') : value
  if (typeof text !== 'string') layer.problems.push(notAValue(path, where, 'one value'))
  else if (settingAt(path).environmentOnly && layer.name === 'local.yaml')
    layer.problems.push(onlyInEnvironment(path, where))
  else if (text.trim() !== '') give(layer, path, asFile ? 'file' : 'text', text.trim(), where)
}

function give(layer: Layer, path: Path, kind: 'text' | 'file', value: string, where: string): void {
  layer.given.set(path, { ...layer.given.get(path), [kind]: value, where })
}

function unknownName(name: string, where: string, known: readonly string[], env?: string): Problem {
  const meant = suggest(name, known)
  return {
    path: name,
    ...(env && { env }),
    where,
    found: 'a name that is not known',
    expected: meant ? `did you mean ${meant}?` : 'a name from config/default.yaml',
    instead: 'it is left out',
  }
}

const notAValue = (path: string, where: string, expected: string): Problem => ({
  path,
  where,
  found: 'something else',
  expected,
  instead: 'it is left out',
})

const onlyInEnvironment = (path: Path, where: string): Problem => ({
  path,
  env: envName(path),
  where,
  found: quoted(path),
  expected: 'only in the environment, because it says where this file is',
  instead: 'it is left out',
})
