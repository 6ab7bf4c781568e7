import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The lines of a language's bot.json, by key; a line that has plural forms has one key for each (`…_one`, `…_other`). */
export type Lines = Readonly<Record<string, string>>

/** What every other language is measured against, and what is said where a language has no line. */
export const FALLBACK = 'en'

const FOLDER = fileURLToPath(new URL('../../locales/', import.meta.url))

export interface Locales {
  /** Every language with a bot.json that can be read, by its code in lower case. */
  lines: ReadonlyMap<string, Lines>
  /** Why others cannot be used, for operators: one bad file never stops the watch. */
  problems: string[]
}

/** Reads `locales/`. Throws only if English is not there, without which nothing can be said. */
export function readLocales(folder = FOLDER): Locales {
  const lines = new Map<string, Lines>()
  const problems: string[] = []
  for (const language of readdirSync(folder).sort()) {
    const file = path.join(folder, language, 'bot.json')
    try {
      const read = asLines(JSON.parse(readFileSync(file, 'utf8')))
      lines.set(Intl.getCanonicalLocales(language).join().toLowerCase(), read)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && (error as NodeJS.ErrnoException).code !== 'ENOTDIR')
        problems.push(`${file}: ${(error as Error).message}`)
    }
  }
  if (!lines.has(FALLBACK))
    throw new Error(`${path.join(folder, FALLBACK, 'bot.json')} is missing or broken. ${problems.join('; ')}`)
  return { lines, problems }
}

function asLines(read: unknown): Lines {
  if (typeof read !== 'object' || read === null || Array.isArray(read)) throw new Error('expected an object of texts')
  for (const [key, line] of Object.entries(read))
    if (typeof line !== 'string') throw new Error(`"${key}" is not a text; keys are flat, with dots in them`)
  return read as Lines
}

/** `phone.sos` for `phone.sos_other`: the key that core knows. */
export const baseKey = (key: string): string => key.replace(/_(zero|one|two|few|many|other)$/, '')

/** The languages that members can be given: those with every text, in every plural form that the language has. English is first. */
export function availableLanguages({ lines }: Locales): string[] {
  const complete = [...lines.keys()].filter((language) => missingKeys({ lines }, language).length === 0)
  return [FALLBACK, ...complete.filter((language) => language !== FALLBACK)]
}

/** What a language still lacks, as the keys to add to its bot.json. */
export function missingKeys({ lines }: Pick<Locales, 'lines'>, language: string): string[] {
  const has = lines.get(language) ?? {}
  return requiredKeys(lines.get(FALLBACK) ?? {}, language).filter((key) => !has[key])
}

function requiredKeys(english: Lines, language: string): string[] {
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories
  const required = Object.keys(english).flatMap((key) =>
    key === baseKey(key) ? [key] : forms.map((form) => `${baseKey(key)}_${form}`),
  )
  return [...new Set(required)]
}
