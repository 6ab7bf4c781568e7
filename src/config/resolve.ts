import path from 'node:path'
import type { Given, Layer } from './layers.ts'
import { masked, quoted } from './problem.ts'
import type { Problem } from './problem.ts'
import { envName, paths, settingAt } from './settings.ts'
import type { Path, Setting, Values } from './settings.ts'

/** A setting as it will be used. */
export interface Resolved {
  /** Undefined: not set. */
  value: unknown
  /** Which layer it came from; undefined for what is built in. */
  from?: Layer
  where?: string
  /** Set by somebody, to something else than the default. */
  chosen: boolean
  /** For `doctor`: hidden or masked where needed. */
  shown: string
}

/** Reads a small file as text; throws an error with a `code` where it cannot. */
export type ReadFile = (path: string) => string

interface Sources {
  /** Strongest first. */
  layers: readonly Layer[]
  readFile: ReadFile
  /** The folder that relative names in this layer start from. */
  folderOf(layer: Layer): string
}

/** Every setting by its strongest layer; where that cannot be read, by the next, so that a mistake costs as little as possible. */
export function resolve(sources: Sources, report: (problem: Problem) => void): Record<Path, Resolved> {
  return Object.fromEntries(paths.map((path) => [path, resolveOne(path, sources, report)])) as Record<Path, Resolved>
}

export const valuesOf = (resolved: Record<Path, Resolved>): Values =>
  Object.fromEntries(paths.map((path) => [path, resolved[path].value])) as unknown as Values

function resolveOne(path: Path, sources: Sources, report: (problem: Problem) => void): Resolved {
  const setting = settingAt(path)
  const found: Problem[] = []
  let result: Resolved | undefined
  for (const layer of sources.layers) {
    const given = layer.given.get(path)
    if (!given) continue
    const attempt = read(path, setting, given, (file) => sources.readFile(resolveIn(sources.folderOf(layer), file)))
    if (!('problem' in attempt)) {
      const chosen = layer.name !== 'default.yaml' && attempt.text !== setting.fallback
      result = { value: attempt.value, from: layer, where: given.where, chosen, shown: show(setting, attempt.text) }
      break
    }
    const { absent, problem } = attempt
    found.push(absent === undefined ? problem : { ...problem, absent: resolveIn(sources.folderOf(layer), absent) })
    // A part must not run on with an older password or another address than was asked for.
    if (setting.part && !setting.mild) break
  }
  result ??= builtIn(setting, found.length > 0)
  for (const problem of found) report({ ...problem, instead: insteadOf(setting, result) })
  return result
}

const resolveIn = (folder: string, file: string): string => path.resolve(folder, file)

function builtIn(setting: Setting<unknown>, chosen: boolean): Resolved {
  if (setting.fallback === undefined) return { value: undefined, chosen, shown: '' }
  return { value: setting.read.schema.parse(setting.fallback), chosen, shown: setting.fallback }
}

type Attempt = { value: unknown; text: string } | { problem: Problem; absent?: string }

function read(path: Path, setting: Setting<unknown>, given: Given, readFile: ReadFile): Attempt {
  const wrong = (found: string, expected: string): { problem: Problem } => ({
    problem: {
      ...about(path, setting),
      ...(given.file !== undefined && fromFile(path)),
      where: given.where,
      found,
      expected,
    },
  })
  if (given.file !== undefined && given.text !== undefined) return wrong('both a value and a file', 'one of the two')
  let text = given.text ?? ''
  if (given.file !== undefined) {
    try {
      text = readFile(given.file).trim()
    } catch (error) {
      const code = codeOf(error)
      const unread = wrong(`${quoted(given.file)}, which cannot be read (${code})`, 'a file that this user may read')
      return code === 'ENOENT' || code === 'ENOTDIR' ? { ...unread, absent: given.file } : unread
    }
    if (text === '') return wrong(`${quoted(given.file)}, which is empty`, setting.read.expected)
  }
  const parsed = setting.read.schema.safeParse(text)
  return parsed.success ? { value: parsed.data, text } : wrong(show(setting, text, true), setting.read.expected)
}

const fromFile = (path: Path): Pick<Problem, 'env' | 'example'> => {
  const env = `${envName(path)}_FILE`
  return { env, example: `${env}=/etc/imok/${path.replace('.', '-')}` }
}

/** What every problem with this setting has in common. */
export function about(path: Path, setting = settingAt(path)): Omit<Problem, 'found' | 'expected'> {
  return {
    path,
    env: envName(path),
    example: `${envName(path)}=${setting.read.example}`,
    ...(setting.part && !setting.mild && { disables: setting.part }),
    ...(setting.fatal && { fatal: true }),
    instead: 'it is left out',
  }
}

function insteadOf(setting: Setting<unknown>, used: Resolved): string {
  if (setting.fatal) return 'imok cannot start'
  if (setting.part && !setting.mild) return `${setting.part} is off`
  return used.value === undefined ? 'it is left out' : `${used.shown} is used`
}

function show(setting: Setting<unknown>, text: string, asFound = false): string {
  if (setting.secret) return asFound ? `[hidden], ${text.length} characters` : '[hidden]'
  const seen = setting.personal ? masked(text) : text.replace(/\/\/[^/@]*@/, '//[hidden]@')
  return asFound ? quoted(seen) : seen
}

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error'
