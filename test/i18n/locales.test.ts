import { expect } from 'chai'
import { baseKey, missingKeys, readLocales } from '../../src/i18n/languages.ts'
import { declared, readDeclared } from './declared.ts'

const locales = readLocales()
const placeholders = (line: string): string[] => [...line.matchAll(/\{\{(.*?)\}\}/g)].map((found) => found[1] ?? '')

describe('the texts of every language', () => {
  it('are read: none of the files is broken', () => expect(locales.problems).to.deep.equal([]))

  it('are compared with keys that are really read from core', () => {
    expect(declared.size).to.be.greaterThan(100)
    expect(declared.get('phone.in')).to.deep.equal({ at: 'Clock', due: 'Clock' })
    expect(() => readDeclared('interface Texts { a: { b: boolean } }')).to.throw('cannot show b: boolean')
  })

  for (const [language, lines] of locales.lines) {
    describe(language, () => {
      const keys = new Set(Object.keys(lines).map(baseKey))

      it('has a text for every key of core', () =>
        expect([...declared.keys()].filter((key) => !keys.has(key))).to.deep.equal([]))

      it('has no text that core has no key for', () =>
        expect([...keys].filter((key) => !(declared as ReadonlyMap<string, unknown>).has(key))).to.deep.equal([]))

      it('has plural forms exactly where there is a count, and all that the language needs', () => {
        const plural = new Set(
          Object.keys(lines)
            .filter((key) => key !== baseKey(key))
            .map(baseKey),
        )
        const counted = [...declared].filter(([, params]) => 'count' in params).map(([key]) => key)
        expect([...plural].sort()).to.deep.equal(counted.sort())
        expect(missingKeys(locales, language)).to.deep.equal([])
      })

      for (const [key, params] of declared) {
        it(`${key} is filled with exactly what core gives`, () => {
          const forms = Object.entries(lines).filter(([form]) => baseKey(form) === key)
          for (const [form, line] of forms) {
            const used = new Set(placeholders(line))
            // "One person" may do without its number.
            const expected = Object.keys(params).filter((param) => used.has(param) || form === key || param !== 'count')
            expect([...used].sort(), form).to.deep.equal(expected.sort())
            expect(line, form)
              .to.equal(line.trimEnd())
              .and.not.match(/\$t\(|\{\{-|\{\{[^}]*[ ,]/)
          }
        })
      }
    })
  }
})
