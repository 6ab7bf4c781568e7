import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Document, Node } from 'yaml'
import type { Problem } from './problem.ts'

/** A yaml file, read as nothing but text, lists and maps: `on`, `000` and `+447700900000` stay what was typed. */
export interface YamlFile {
  /** Text, arrays and records of text. Undefined when the file cannot be read as yaml. */
  content: unknown
  /** `local.yaml, line 3`: where the value at these keys stands. */
  where(keys: readonly (string | number)[]): string
  problems: Problem[]
}

/** Reads yaml. What is wrong with the spelling is told by line only: the line itself may hold a secret. */
export function readYaml(name: string, text: string): YamlFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { schema: 'failsafe', lineCounter: lines, logLevel: 'silent' })
  const line = (offset: number): string => `${name}, line ${lines.linePos(offset).line}`
  const wrong = (where: string, code: string): Problem => ({
    path: name,
    where,
    found: spelling[code] ?? `yaml that cannot be read (${code})`,
    expected: 'lines like "key: value", indented with spaces under their group',
    example: 'http:\n                 port: 8080',
    instead: 'the whole file is left out',
  })
  const mistakes = [...document.errors, ...document.warnings].map((error) => wrong(line(error.pos[0]), error.code))
  const content = mistakes.length === 0 ? plain(document.contents) : undefined
  if (content === alias) return { content: undefined, where: () => name, problems: [wrong(name, 'ALIAS')] }
  return { content, problems: mistakes, where: (keys) => place(document, keys, line) ?? name }
}

const spelling: Record<string, string> = {
  DUPLICATE_KEY: 'the same key twice',
  TAB_AS_INDENT: 'a tab at the beginning of a line',
  BAD_INDENT: 'a line indented differently from its neighbours',
  MISSING_CHAR: 'a quotation mark, comma or colon that is missing',
  ALIAS: 'an alias (*) or an anchor (&), which are not used here',
}

const alias = Symbol('alias')

/** An alias could make a small file enormous, and nobody needs one here. */
function plain(node: unknown): unknown {
  if (isAlias(node)) return alias
  if (isScalar(node)) return typeof node.value === 'string' ? node.value : ''
  if (isSeq(node)) {
    const items = node.items.map(plain)
    return items.includes(alias) ? alias : items
  }
  if (!isMap(node)) return ''
  const entries = node.items.map((pair): [string, unknown] => [
    String(isScalar(pair.key) ? pair.key.value : pair.key),
    plain(pair.value),
  ])
  return entries.some(([, value]) => value === alias) ? alias : Object.fromEntries(entries)
}

/** The nearest line that is known: of the value, else of what it belongs to. */
function place(
  document: Document,
  keys: readonly (string | number)[],
  line: (offset: number) => string,
): string | undefined {
  for (let depth = keys.length; depth > 0; depth--) {
    const node = document.getIn(keys.slice(0, depth), true) as Node | undefined
    if (node?.range) return line(node.range[0])
  }
  return undefined
}
