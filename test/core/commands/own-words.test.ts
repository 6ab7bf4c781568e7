import { expect } from 'chai'
import { readdirSync } from 'node:fs'
import { carrierWords } from '../../../src/core/commands/carrier-words.ts'
import { parseCommand } from '../../../src/core/commands/parse-command.ts'
import { wordsOf } from '../../../src/core/commands/reading.ts'
import { keywords, meanings, mergeWords } from '../../../src/core/commands/words.ts'
import { commandWords } from '../../../src/i18n/command-words.ts'
import { english } from './english.ts'
import type { Command } from '../../../src/core/commands/command.ts'

const french = mergeWords(english, {
  commands: { yes: ['oui'], in: ['entrée'], out: ['sorti', 'dehors'], sos: ['au secours'], more: ['plus'] },
  nearMisses: { OUT: ['sort'] },
  danger: ['couteau', 'blessé*', 'aidez moi'],
  polite: ['merci', "s'il vous plaît"],
  length: {
    hours: ['heure', 'heures'],
    until: ["jusqu'à"],
    numbers: { deux: 2 },
    spans: { 'une demi heure': 30 },
    clocks: { midi: '12:00' },
  },
})
const arabic = mergeWords(english, { commands: { in: ['دخول'], out: ['خروج'], sos: ['نجدة'] } })

const inFrench = (text: string): Command => parseCommand(text, { words: french }).command

describe("a language's own words", () => {
  const cases: [string, object][] = [
    ['OUI', { type: 'yes' }],
    ['oui merci', { type: 'yes' }],
    ['Entrée', { type: 'in' }],
    ['entree 2 heures', { type: 'in', length: { kind: 'for', ms: 7_200_000, unit: 'minutes' } }],
    ['ENTRÉE deux heures s’il vous plait', { type: 'in', length: { kind: 'for', ms: 7_200_000, unit: 'minutes' } }],
    ['entrée une demi-heure', { type: 'in', length: { kind: 'for', ms: 1_800_000, unit: 'minutes' } }],
    ["entrée jusqu'à 15h30", { type: 'in', length: { kind: 'until', hour: 15, minute: 30 } }],
    ['entrée jusqu’à midi', { type: 'in', length: { kind: 'until', hour: 12, minute: 0 } }],
    ['dehors!', { type: 'out' }],
    ['dehors merci', { type: 'out', words: 'merci' }],
    ['sort', { type: 'near-miss', meant: 'OUT' }],
    ['dehosr', { type: 'near-miss', meant: 'OUT' }],
    ['au secours', { type: 'sos' }],
    ['dehors, au secours', { type: 'sos', words: 'dehors, au secours' }],
    ['plus 30', { type: 'more', length: { kind: 'for', ms: 1_800_000, unit: 'minutes' } }],
    ['OUT', { type: 'out' }],
    ['/in 20m', { type: 'in', length: { kind: 'for', ms: 1_200_000, unit: 'minutes' } }],
    ['FIN', { type: 'carrier', word: 'FIN' }],
  ]
  for (const [text, wanted] of cases) it(text, () => expect(inFrench(text)).to.deep.equal(wanted))

  it('an own word wins over an English near miss', () => {
    expect(parseCommand('oui', { words: english }).command).to.deep.equal({ type: 'near-miss', meant: 'YES' })
    expect(inFrench('oui')).to.deep.equal({ type: 'yes' })
  })

  it('danger in either language is loud, by whole words or by a beginning', () => {
    const loud = (text: string): boolean => parseCommand(text, { words: french }).danger
    expect(['un couteau', 'blessée', 'AIDEZ-MOI', 'a knife'].map(loud)).to.deep.equal([true, true, true, true])
    expect(['couteaux', 'bless', 'tout va bien'].map(loud)).to.deep.equal([false, false, false])
  })

  it('a word of danger is passed on, though it looks like a near miss', () => {
    const words = mergeWords(english, { danger: ['hut', 'mour'], nearMisses: { OUT: ['mour'] } })
    for (const text of ['hut', 'mour']) {
      expect(parseCommand(text, { words })).to.deep.equal({ command: { type: 'other' }, danger: true })
    }
  })

  it('reads from right to left, with or without vowel signs and marks of direction', () => {
    for (const text of ['دخول 90', 'دُخُول ٩٠', '\u200fدخول\u200e 90', 'دخـول 90']) {
      const { command } = parseCommand(text, { words: arabic })
      expect(command).to.deep.equal({ type: 'in', length: { kind: 'for', ms: 5_400_000, unit: 'minutes' } })
    }
    expect(parseCommand('خروج نجدة', { words: arabic }).command.type).to.equal('sos')
  })
})

const languages = readdirSync(new URL('../../../locales', import.meta.url)).filter((name) => !name.startsWith('.'))

describe('the words in locales/', () => {
  for (const language of languages) {
    const words = commandWords(language)
    const commands = keywords.flatMap((keyword) =>
      words.commands[keyword].map((word) => ({ keyword, word: wordsOf(word).join(' ') })),
    )
    const asked = meanings.flatMap((meant) => words.nearMisses[meant].map((word) => wordsOf(word).join(' ')))

    it(`${language}: no word is a carrier's`, () => {
      const taken = [...commands.map(({ word }) => word), ...asked].filter((word) => carrierWords.includes(word))
      expect(taken).to.deep.equal([])
    })

    it(`${language}: no word means two things`, () => {
      const meaning = new Map<string, string>()
      for (const { keyword, word } of commands) {
        expect(meaning.get(word) ?? keyword, word).to.equal(keyword)
        meaning.set(word, keyword)
      }
    })

    it(`${language}: every word is found again as what it is listed for`, () => {
      for (const { keyword, word } of commands) {
        const { command } = parseCommand(word, { words })
        expect(command.type, word).to.equal(keyword)
        expect(command, word).not.to.have.property('words')
      }
    })

    it(`${language}: every listed near miss is asked`, () => {
      for (const word of asked) expect(parseCommand(word, { words }).command.type, word).to.equal('near-miss')
    })

    it(`${language}: every word of danger is loud`, () => {
      for (const word of words.danger)
        expect(parseCommand(`well ${word.replace('*', '')}`, { words }).danger, word).to.equal(true)
    })
  }
})
