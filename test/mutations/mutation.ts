// A mutation is one patch: the fault on purpose, under a heading that names the invariant and the test which must notice.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

export interface Mutation {
  /** Name of the patch without its ending; begins with the invariant. */
  name: string
  /** Of DESIGN.md section 1: `S1` … `S12`. */
  invariant: string
  /** What is broken, in a sentence. */
  broken: string
  /** The test file that must go red, below the root of the project. */
  test: string
  /** Part of the full title of the test that must go red. */
  title: string
  /** What the failure must say: red for another reason proves nothing. */
  because: RegExp
  file: string
  /** The files it changes. */
  changes: string[]
}

const fields = ['Broken', 'Test', 'Title', 'Because'] as const

/** Every patch in a folder. Throws, naming the patch, if a heading is incomplete or a patch touches anything but src. */
export const readMutations = (folder: string): Mutation[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.patch'))
    .sort(new Intl.Collator('en', { numeric: true }).compare)
    .map((name) => readMutation(path.join(folder, name)))

function readMutation(file: string): Mutation {
  const name = path.basename(file, '.patch')
  const [heading = '', ...diffs] = readFileSync(file, 'utf8').split(/^diff --git /m)
  const invariant = /^S\d{1,2}(?=-)/.exec(name)?.[0]
  if (invariant === undefined) throw new Error(`${name}: the name must begin with the invariant, as S1-what-is-broken`)
  const [broken, test, title, because] = fields.map((field) => {
    const value = new RegExp(`^${field}: (.+)$`, 'm').exec(heading)?.[1]?.trim()
    if (value === undefined) throw new Error(`${name}: its heading lacks a line "${field}: …"`)
    return value
  }) as [string, string, string, string]
  const changes = diffs.map((diff) => /^a\/(\S+)/.exec(diff)?.[1] ?? '?')
  if (changes.length === 0 || !changes.every((changed) => changed.startsWith('src/')))
    throw new Error(`${name}: a mutation changes files below src and no others, not ${changes.join(', ') || 'nothing'}`)
  return { name, invariant, broken, test, title, because: new RegExp(because), file, changes }
}
