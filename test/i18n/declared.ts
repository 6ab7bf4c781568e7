// What core says it can say, read from the source itself: the keys of `Texts` and the kind of each parameter.
import { readFileSync } from 'node:fs'
import ts from 'typescript'
import type { Param, Text, TextKey } from '../../src/core/texts.ts'
import type { Zone } from '../../src/core/time.ts'
import { HOUR, MINUTE } from '../../src/core/time.ts'

export type Kind = 'Clock' | 'Length' | 'Text' | 'number' | 'string'
export type Declared = ReadonlyMap<TextKey, Record<string, Kind>>

/** The members of the interfaces `Texts` and `RoomTexts`. */
export function readDeclared(source: string): Declared {
  const parsed = ts.createSourceFile('texts.ts', source, ts.ScriptTarget.Latest, true)
  const members = parsed.statements.flatMap((it) =>
    ts.isInterfaceDeclaration(it) && /^(Room)?Texts$/.test(it.name.text) ? [...it.members] : [],
  )
  if (members.length === 0) throw new Error('there is no interface Texts')
  return new Map(members.filter(ts.isPropertySignature).map((it) => [nameOf(it) as TextKey, kindsOf(it)]))
}

const nameOf = (it: ts.PropertySignature): string => (ts.isStringLiteral(it.name) ? it.name.text : it.name.getText())

function kindsOf(it: ts.PropertySignature): Record<string, Kind> {
  if (!it.type || it.type.getText() === 'None') return {}
  if (!ts.isTypeLiteralNode(it.type)) throw new Error(`${nameOf(it)}: expected { … } or None`)
  const params = it.type.members.filter(ts.isPropertySignature)
  return Object.fromEntries(params.map((param) => [nameOf(param), kindOf(param)]))
}

function kindOf(param: ts.PropertySignature): Kind {
  const kind = param.type?.getText() ?? ''
  if (kind === 'Clock' || kind === 'Length' || kind === 'Text' || kind === 'number' || kind === 'string') return kind
  throw new Error(`a text cannot show ${param.getText()}`)
}

const sourceOf = (name: string): string => readFileSync(new URL(`../../src/core/${name}`, import.meta.url), 'utf8')

export const declared: Declared = readDeclared(sourceOf('texts.ts') + sourceOf('room-texts.ts'))

/** The longest that each parameter of a phone's text can be (a name: LONGEST_NAME; the others: config/settings.ts). */
const longest: Record<string, Param> = {
  name: 'W'.repeat(40),
  group: 'W'.repeat(40),
  emergency: '8'.repeat(15),
  word: 'STATUS',
  words: 'are you still inside?',
  longest: { length: 23 * HOUR + 59 * MINUTE },
  count: 10_000,
}

const ofKind: Record<Kind, Param> = {
  Clock: { clock: 0 },
  Length: { length: HOUR },
  Text: { key: 'part.sms', params: {} },
  number: 7,
  string: 'something',
}

/** A text with every parameter filled in, as long as it gets; `over` replaces some. */
export function filled(key: TextKey, over: Record<string, Param> = {}): Text {
  const kinds = Object.entries(declared.get(key) ?? {})
  const fits = (it: Param | undefined, kind: Kind): Param | undefined =>
    (typeof it === 'object') === /^[A-Z]/.test(kind) ? it : undefined
  const params = kinds.map(([name, kind]) => [name, fits(over[name] ?? longest[name], kind) ?? ofKind[kind]] as const)
  return { key, params: Object.fromEntries(params) }
}

/** Every way that a text can come out: once, or for each number that may choose another plural form. */
export const variants = (key: TextKey): Text[] =>
  'count' in (declared.get(key) ?? {})
    ? [0, 1, 2, 3, 6, 11, 100, 10_000].map((count) => filled(key, { count }))
    : [filled(key)]

export const noon: Zone = {
  name: 'UTC',
  clock: () => '12:00',
  next: (_h, _m, after) => after,
  last: (_h, _m, before) => before,
}
