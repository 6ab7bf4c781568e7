import i18next from 'i18next'
import type { TFunction } from 'i18next'
import type { Param, Text } from '../core/texts.ts'
import type { Zone } from '../core/time.ts'
import type { Renderer } from '../ports/texts.ts'
import { isolated, oneLine, quoted, withoutNumberMark } from './clean.ts'
import type { Locales } from './languages.ts'
import { availableLanguages, FALLBACK, missingKeys, readLocales, baseKey } from './languages.ts'
import { spokenLength } from './length.ts'

/** Turns what core decided to say into words. A text that is missing somewhere still goes out. */
export interface Texts extends Renderer {
  /** What members can be given, English first. */
  readonly languages: readonly string[]
  /** Which way a language is written. */
  direction(language: string): 'ltr' | 'rtl'
}

export interface TextOptions {
  /** Whose clock the times are read from. */
  zone: Zone
  /** Default: what is in `locales/`. */
  locales?: Locales
  /** A text had to be said in English, or, if `key` is in no language at all, as its bare facts. For the log and a count; no private data. */
  onMissing?: (missing: { language: string; key: string }) => void
}

/** Throws if English is missing. */
export function createTexts(options: TextOptions): Texts {
  const { zone, locales = readLocales(), onMissing = () => undefined } = options
  const instance = load(locales)
  const readers = new Map(
    [...locales.lines.keys()].map((language) => [language, readerOf(instance, locales, language)]),
  )
  const english = readers.get(FALLBACK)
  if (!english) throw new Error('no English texts: nothing could be said where another language lacks a text')

  const say = ({ key, params }: Text, language: string): string => {
    const own = readers.get(language)
    const reader = own?.keys.has(key) ? own : english
    if (reader !== own || !reader.keys.has(key)) onMissing({ language, key })
    const entries = Object.entries(params).map(([name, it]) => [name, fill(key, name, it, reader, zone, say)] as const)
    if (!reader.keys.has(key)) return bareFacts(key, entries)
    const { count } = params
    return reader.t(key, {
      nest: false,
      replace: Object.fromEntries(entries),
      ...(typeof count === 'number' && { count }),
    })
  }
  return {
    render: (body, language) => body.map((text) => say(text, language.toLowerCase())).join('\n'),
    languages: availableLanguages(locales),
    direction: (language) => instance.dir(language),
  }
}

type Say = (text: Text, language: string) => string

interface Reader {
  language: string
  direction: 'ltr' | 'rtl'
  t: TFunction
  /** What it has a text for, in every plural form. */
  keys: ReadonlySet<string>
}

function readerOf(instance: typeof i18next, locales: Locales, language: string): Reader {
  const lacks = new Set(missingKeys(locales, language).map(baseKey))
  const keys = Object.keys(locales.lines.get(language) ?? {}).map(baseKey)
  return {
    language,
    direction: instance.dir(language),
    t: instance.getFixedT(language),
    keys: new Set(keys.filter((key) => !lacks.has(key))),
  }
}

function load(locales: Locales): typeof i18next {
  const instance = i18next.createInstance()
  const resources = Object.fromEntries([...locales.lines].map(([language, lines]) => [language, { bot: lines }]))
  // With its texts at hand and `initAsync` off, i18next is ready when this returns; the promise only says so again.
  void instance.init({
    resources,
    initAsync: false,
    fallbackLng: FALLBACK,
    lowerCaseLng: true,
    ns: 'bot',
    defaultNS: 'bot',
    keySeparator: false,
    nsSeparator: false,
    returnEmptyString: false,
    // What people wrote is inserted as it is, and never read as a text of ours: no escaping, no "{{…}}", and below no "$t(…)".
    interpolation: { escapeValue: false, skipOnVariables: true },
    missingInterpolationHandler: () => '?',
  })
  return instance
}

/** What a member may have chosen, on a line that is ours. */
const chosen: ReadonlySet<string> = new Set(['name', 'was', 'from', 'candidates'])

const onPhone = (key: string): boolean => key.startsWith('phone.') || key.startsWith('nudge')

function fill(key: string, name: string, it: Param, { language, direction }: Reader, zone: Zone, say: Say): string {
  if (typeof it === 'number') return String(it)
  if (typeof it === 'object' && 'key' in it) return say(it, language)
  if (typeof it === 'object') return 'clock' in it ? zone.clock(it.clock) : spokenLength(it.length, language)
  if (onPhone(key)) return isolated(oneLine(it), direction)
  if (name === 'words') return quoted(it)
  return isolated(chosen.has(name) ? withoutNumberMark(oneLine(it)) : oneLine(it), direction)
}

/** For a text that no language has (an effect kept by another version): better bare than not at all. */
const bareFacts = (key: string, params: readonly (readonly [string, string])[]): string =>
  `imok: ${[key, ...params.map(([name, it]) => `${name} ${it}`)].join(', ')}`
