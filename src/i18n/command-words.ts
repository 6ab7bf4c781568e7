import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { keywords, meanings, mergeWords } from '../core/commands/words.ts'
import type { CommandWords, OwnWords } from '../core/commands/words.ts'

const LOCALES = new URL('../../locales/', import.meta.url)

/**
 * The words that a member who reads `language` may type: their own added to English ones. Read once; a language without a
 * file gets the English words. Throws an Error that names the file when it is broken.
 */
export const commandWords = (language: string): CommandWords => {
  // A language comes from members' documents and settings: it must not become a path.
  if (!/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/.test(language)) return commandWords('en')
  const known = read.get(language)
  if (known) return known
  const words = language === 'en' ? english() : mergeWords(commandWords('en'), ownWords(language))
  read.set(language, words)
  return words
}

const read = new Map<string, CommandWords>()

const list = z.array(z.string().min(1))
const length = z.strictObject({
  seconds: list,
  minutes: list,
  hours: list,
  days: list,
  and: list,
  for: list,
  until: list,
  at: list,
  numbers: z.record(z.string(), z.number().positive()),
  spans: z.record(z.string(), z.number().positive()),
  clocks: z.record(z.string(), z.string()),
})
const file = z.strictObject({
  commands: z.partialRecord(z.enum(keywords), list).optional(),
  nearMisses: z.partialRecord(z.enum(meanings), list).optional(),
  danger: list.optional(),
  polite: list.optional(),
  length: length.partial().optional(),
})

const nothing: CommandWords = {
  commands: { yes: [], in: [], more: [], out: [], ok: [], sos: [], help: [], no: [], status: [], name: [], menu: [] },
  nearMisses: { IN: [], OUT: [], OK: [], MORE: [], YES: [], STATUS: [] },
  danger: [],
  polite: [],
  length: {
    ...{ seconds: [], minutes: [], hours: [], days: [], and: [], for: [], until: [], at: [] },
    ...{ numbers: {}, spans: {}, clocks: {} },
  },
}

const english = (): CommandWords => {
  const words = mergeWords(nothing, ownWords('en'))
  const missing = keywords.filter((keyword) => words.commands[keyword].length === 0)
  if (missing.length > 0) throw new Error(`locales/en/commands.json: no words for ${missing.join(', ')}`)
  return words
}

const ownWords = (language: string): OwnWords => {
  const name = `locales/${language}/commands.json`
  try {
    const text = readIfThere(new URL(`${language}/commands.json`, LOCALES))
    return text === undefined ? {} : (file.parse(JSON.parse(text)) as OwnWords)
  } catch (cause) {
    throw new Error(`${name}: ${cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause)}`, { cause })
  }
}

const readIfThere = (path: URL): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
