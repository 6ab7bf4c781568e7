import { expect } from 'chai'
import fc from 'fast-check'
import { carrierWords } from '../../../src/core/commands/carrier-words.ts'
import { keywords, meanings } from '../../../src/core/commands/words.ts'
import { command, english, parse } from './english.ts'

const listed = [
  ...keywords.flatMap((keyword) => english.commands[keyword]),
  ...meanings.flatMap((meant) => english.nearMisses[meant]),
  ...english.danger.map((word) => word.replace('*', '')),
  ...english.polite,
  ...carrierWords,
]
const odd = [
  '\u00a0',
  '\u200b',
  '\u200f',
  '\n',
  '\ud83d',
  '½',
  'ﷺ',
  '-',
  '/',
  '@',
  ':',
  '🆘',
  '👍🏽',
  '1h30',
  '15:30',
  '90',
  '0',
  '99999h',
  'until',
  'e\u0301',
]

/** Text made of what the grammar looks for, between any Unicode at all. */
const texts = fc
  .array(fc.oneof(fc.constantFrom(...listed), fc.constantFrom(...odd), fc.string({ unit: 'binary', maxLength: 8 })), {
    maxLength: 12,
  })
  .chain((parts) => fc.constantFrom(' ', '', '. ').map((between) => parts.join(between)))

const anyCase = (word: string): fc.Arbitrary<string> =>
  fc
    .array(fc.boolean(), { minLength: word.length, maxLength: word.length })
    .map((upper) => [...word].map((letter, i) => (upper[i] ? letter.toUpperCase() : letter)).join(''))

const around = fc
  .array(fc.constantFrom(' ', '.', '!', '"', '”', ',', '\u00a0', '\u200e', '\n', '…', '(', ')', ';'), { maxLength: 4 })
  .map((marks) => marks.join(''))

describe('the grammar, whatever is written', () => {
  it('always answers, with lengths that are positive safe integers', () =>
    fc.assert(
      fc.property(texts, (text) => {
        const { command: found } = parse(text)
        if (found.type !== 'in' && found.type !== 'more') return
        if (found.length?.kind === 'for') {
          expect(Number.isSafeInteger(found.length.ms)).to.equal(true)
          expect(found.length.ms).to.be.greaterThan(0)
        } else if (found.length) {
          expect(found.length.hour).to.be.within(0, 23)
          expect(found.length.minute).to.be.within(0, 59)
        }
      }),
      { numRuns: 2_000 },
    ))

  it('takes any text for the same twice', () =>
    fc.assert(
      fc.property(texts, (text) => {
        expect(parse(text)).to.deep.equal(parse(text))
      }),
      { numRuns: 300 },
    ))

  it('hears an SOS wherever it stands', () =>
    fc.assert(
      fc.property(
        texts,
        fc.constantFrom('SOS', 'sos', 'S.O.S.', 'S O S', 's0s', 'SSOS', 'sooos', '🆘', 'ＳＯＳ'),
        texts,
        (before, sos, after) => {
          expect(command(`${before} ${sos} ${after}`).type).to.equal('sos')
        },
      ),
      { numRuns: 2_000 },
    ))

  it('checks nobody out unless OUT stands alone', () =>
    fc.assert(
      fc.property(texts, (text) => {
        const found = command(text)
        if (found.type !== 'out' || found.words !== undefined) return
        // Accents are folded, as everywhere: Ó and Ơ are an O.
        const letters = text
          .normalize('NFKC')
          .toLowerCase()
          .normalize('NFD')
          .replaceAll(/\p{M}/gu, '')
          .match(/[\p{L}\p{N}]+/gu)
        expect(['out', 'o', 'end', 'outimokbot'], text).to.include((letters ?? []).join(''))
      }),
      { numRuns: 3_000 },
    ))

  for (const accented of ['Ơ', 'Óut', 'ÖUT'])
    it(`folds accents: ${accented} is OUT`, () => {
      expect(command(accented)).to.deep.equal({ type: 'out' })
    })

  it('OUT with any other word keeps the words', () =>
    fc.assert(
      fc.property(
        fc.constantFrom('out', 'OUT', 'Out,'),
        fc.stringMatching(/^[a-z]{1,12}( [a-z0-9]{1,9}){0,5}$/),
        (out, words) => {
          const found = command(`${out} ${words}`)
          expect(found.type === 'sos' || (found.type === 'out' && found.words === words)).to.equal(true)
        },
      ),
    ))

  it("knows a carrier's word in any case, between any punctuation", () =>
    fc.assert(
      fc.property(fc.constantFrom(...carrierWords).chain(anyCase), around, around, (word, before, after) => {
        expect(command(before + word + after).type).to.equal('carrier')
      }),
      { numRuns: 500 },
    ))

  it('passes on only what was written', () =>
    fc.assert(
      fc.property(texts, (text) => {
        const found = command(text)
        if ('words' in found) expect(text).to.include(found.words)
      }),
      { numRuns: 1_000 },
    ))

  /** A pattern that backtracks takes minutes for these; the bound is wide, because the machine is shared. */
  for (const part of [
    's',
    'so ',
    's o s',
    '1',
    '1.',
    '1h30m ',
    'in ',
    'in for ',
    '"',
    '-',
    '\u200b',
    'ﷺ',
    '\ud800',
    'e\u0301',
    '👍',
    'name x"',
    '½',
    'stop ',
  ]) {
    it(`reads 10,000 characters of ${JSON.stringify(part)} in time`, function () {
      this.timeout(2_000)
      const text = part.repeat(10_000 / part.length)
      for (const before of ['', 'in ', 'name ', 'out ']) expect(parse(before + text)).to.have.property('danger')
    })
  }
})
