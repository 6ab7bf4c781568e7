import { expect } from 'chai'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { availableLanguages, baseKey, missingKeys, readLocales } from '../../src/i18n/languages.ts'

describe('the languages that there are texts in', () => {
  let folder = ''
  const write = (language: string, content: string): void => {
    mkdirSync(path.join(folder, language), { recursive: true })
    writeFileSync(path.join(folder, language, 'bot.json'), content)
  }
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'imok-locales-'))
    write('en', '{"a": "A", "n_one": "{{count}} thing", "n_other": "{{count}} things"}')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('English is always among them, and first', () => {
    write('de', '{"a": "A", "n_one": "{{count}} Ding", "n_other": "{{count}} Dinge"}')
    expect(availableLanguages(readLocales(folder))).to.deep.equal(['en', 'de'])
    expect(availableLanguages(readLocales())).to.include('en')
  })

  it('one with a hole is not offered, and the hole is named', () => {
    write('de', '{"a": "", "n_other": "{{count}} Dinge"}')
    const locales = readLocales(folder)
    expect(availableLanguages(locales)).to.deep.equal(['en'])
    expect(missingKeys(locales, 'de')).to.deep.equal(['a', 'n_one'])
  })

  it('one needs the plural forms that it has, not those of English', () => {
    write('ja', '{"a": "A", "n_other": "{{count}}"}')
    write('ar', '{"a": "A", "n_one": "1", "n_other": "{{count}}"}')
    const locales = readLocales(folder)
    expect(missingKeys(locales, 'ja')).to.deep.equal([])
    expect(missingKeys(locales, 'ar').sort()).to.deep.equal(['n_few', 'n_many', 'n_two', 'n_zero'])
  })

  it('a broken file takes away its own language and no other, and says why', () => {
    write('de', '{"a": ')
    write('fr', '{"a": {"b": "c"}}')
    write('no such language', '{}')
    mkdirSync(path.join(folder, 'es'))
    const locales = readLocales(folder)
    expect([...locales.lines.keys()]).to.deep.equal(['en'])
    expect(locales.problems.map((it) => path.relative(folder, it).split('/')[0])).to.deep.equal([
      'de',
      'fr',
      'no such language',
    ])
    expect(locales.problems.join()).to.contain('keys are flat')
  })

  it('without English nothing can be said', () => {
    write('en', '')
    expect(() => readLocales(folder)).to.throw('missing or broken')
  })

  it('a plural form belongs to the key without it', () => {
    expect(baseKey('phone.sos_other')).to.equal('phone.sos')
    expect(baseKey('phone.sos.still')).to.equal('phone.sos.still')
  })
})
