import { readFileSync } from 'node:fs'
import path from 'node:path'
import { assemble } from './assemble.ts'
import { assembly } from './assembly.ts'
import type { Assembly } from './assembly.ts'
import type { Config } from './config.ts'
import { environmentLayer, yamlLayer } from './layers.ts'
import type { Layer } from './layers.ts'
import { loadProtocol } from './load-protocol.ts'
import { quoted } from './problem.ts'
import type { Problem } from './problem.ts'
import { codeOf, resolve, valuesOf } from './resolve.ts'
import type { ReadFile } from './resolve.ts'
import { shown, unused } from './shown.ts'

export interface Sources {
  env: Readonly<Record<string, string | undefined>>
  /** What stood behind the command: nothing is expected there. */
  argv?: readonly string[]
  /** Reads a file as UTF-8; throws an error with a `code` where it cannot. */
  readFile?: ReadFile
}

const root = path.resolve(import.meta.dirname, '../..')
/** Where every key stands, with its default. */
export const defaultsFile = path.join(root, 'config/default.yaml')

/** Where the data lie unless it is said. */
export const defaultDataDir = (): string => path.resolve('./data')

/**
 * Reads every setting: config/default.yaml, then `local.yaml` in the data folder, then the environment. It never throws. The
 * configuration can always be used: what is wrong is off or replaced as its problem says. Whether to start with problems is the
 * caller's decision: not with a fatal one, and with others only if sessions are open.
 */
export function loadConfig(sources: Sources): { config: Config; problems: Problem[] } {
  const readFile = sources.readFile ?? ((file) => readFileSync(file, 'utf8'))
  const environment = environmentLayer(sources.env)
  const given = environment.given.get('data_dir')?.text
  const dataDir = given === undefined ? defaultDataDir() : path.resolve(given)
  const local = fileLayer('local.yaml', path.join(dataDir, 'local.yaml'), readFile, true)
  const defaults = fileLayer('default.yaml', defaultsFile, readFile, false)
  const layers = [environment, local, defaults]
  const problems = [...(sources.argv ?? []).map(strayArgument), ...layers.flatMap((layer) => layer.problems)]
  const folderOf = (layer?: Layer): string => (layer === local ? dataDir : process.cwd())
  const resolved = resolve({ layers, readFile, folderOf }, (problem) => problems.push(problem))
  const parts = assembly(valuesOf(resolved), resolved, problems)
  const ladderFile =
    parts.values.ladder_file && path.resolve(folderOf(resolved.ladder_file.from), parts.values.ladder_file)
  speaksLanguage(parts, readFile)
  const protocol = loadProtocol(
    parts,
    ladderFile ?? path.join(root, 'config/protocols/default.yaml'),
    readFile,
    (problem) => problems.push(problem),
  )
  // Where another key is given as well it is not the one that was meant, and nothing is waited for.
  const secretKeyFile = resolved.secret_key.value === undefined ? absentKey(problems) : undefined
  const config = assemble(parts, {
    dataDir,
    ...(secretKeyFile !== undefined && { secretKeyFile }),
    protocol,
    unused: unused(resolved),
    shown: shown(resolved),
  })
  return { config, problems }
}

const absentKey = (problems: Problem[]): string | undefined =>
  problems.find((problem) => problem.path === 'secret_key')?.absent

function fileLayer(name: string, file: string, readFile: ReadFile, optional: boolean): Layer {
  try {
    return yamlLayer(name, readFile(file))
  } catch (error) {
    const code = codeOf(error)
    const problem = {
      path: file,
      found: `a file that cannot be read (${code})`,
      expected: 'a file that this user may read',
      instead: 'the built-in values are used',
    }
    return { name, given: new Map(), problems: optional && code === 'ENOENT' ? [] : [problem] }
  }
}

const strayArgument = (argument: string): Problem => ({
  path: argument.split('=')[0] ?? '',
  found: 'an argument',
  expected: `no arguments: settings stand in the environment or in local.yaml`,
  example: 'IMOK_HTTP_PORT=8080 npm start',
  instead: 'it is left out',
})

/** There must be texts in the group's language; in any other case people are written to in English. */
function speaksLanguage({ values, report }: Assembly, readFile: ReadFile): void {
  const language = values.language.split('-')[0]?.toLowerCase() ?? 'en'
  if (language === 'en') return
  try {
    readFile(path.join(root, 'locales', language, 'bot.json'))
  } catch {
    report('language', quoted(values.language), 'a language that there is a folder for in locales/', {
      instead: 'en is used',
    })
    values.language = 'en'
  }
}
