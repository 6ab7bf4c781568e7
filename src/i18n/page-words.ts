import { readFileSync } from 'node:fs'
import { createInstance } from 'i18next'

const LOCALES = new URL('../../locales/', import.meta.url)

/**
 * The words of the simulator's page in `language`, English where it has none (`locales/<lng>/page.json`, flat keys).
 * Give the page `language` and `direction` as they come back. Not escaped: the page's templates do that.
 */
export function pageWords(language: string): {
  t: (key: string, params?: Record<string, string | number>) => string
  language: string
  direction: 'ltr' | 'rtl'
} {
  const own = language === 'en' ? undefined : readPage(language)
  const spoken = own ? language : 'en'
  const instance = createInstance()
  // With its texts at hand and `initAsync` off, i18next is ready when this returns; the promise only says so again.
  void instance.init({
    resources: { en: { page: readPage('en') ?? {} }, ...(own && { [language]: { page: own } }) },
    initAsync: false,
    lng: spoken,
    fallbackLng: 'en',
    ns: 'page',
    defaultNS: 'page',
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
  })
  return { t: (key, params = {}) => instance.t(key, params), language: spoken, direction: instance.dir(spoken) }
}

function readPage(language: string): Record<string, string> | undefined {
  // A language comes from a setting: it must not become a path.
  if (!/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/.test(language)) return undefined
  try {
    return JSON.parse(readFileSync(new URL(`${language}/page.json`, LOCALES), 'utf8')) as Record<string, string>
  } catch (error) {
    if (language === 'en') throw error
    return undefined // a missing or broken translation: the page speaks English
  }
}
