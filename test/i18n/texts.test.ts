import { expect } from 'chai'
import fc from 'fast-check'
import { spy } from 'sinon'
import type { Text } from '../../src/core/texts.ts'
import { clock, length, text } from '../../src/core/texts.ts'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import type { Lines } from '../../src/i18n/languages.ts'
import { readLocales } from '../../src/i18n/languages.ts'
import { createTexts } from '../../src/i18n/texts.ts'
import { noon } from './declared.ts'

const english = readLocales().lines.get('en') ?? {}
const zone = { ...noon, clock: (at: number) => `${String(at).padStart(2, '0')}:00` }
const texts = createTexts({ zone })
const say = (...body: Text[]): string => texts.render(body, 'en')

/** English with some lines in another language. */
const withLanguage = (language: string, lines: Lines): ReturnType<typeof readLocales> => ({
  problems: [],
  lines: new Map<string, Lines>([
    ['en', english],
    [language, lines],
  ]),
})

const seed = Number(process.env['IMOK_SEED'] ?? Date.now() % 2 ** 31)
const random = { seed, numRuns: 300 }

describe(`the last hop: texts become words (seed ${String(seed)})`, () => {
  it('shows moments by the clock of the group, and lengths as people say them', () => {
    const said = say(
      text('phone.in.capped', { at: clock(9), due: clock(21), longest: length(12 * HOUR + 30 * MINUTE) }),
    )
    expect(said).to.match(/^Noted 09:00\. 12 hr 30 min is .* OUT by 21:00/)
  })

  it('puts one line below the other', () =>
    expect(say(text('line.notes.none'), text('line.take', { number: 7 }))).to.equal('No notes\nWrite: take 7'))

  it('chooses the plural form by the count', () => {
    expect(say(text('order.members', { count: 1 }))).to.equal('1 member')
    expect(say(text('order.members', { count: 0 }))).to.equal('0 members')
    expect(say(text('order.members', { count: 12_345 }))).to.equal('12345 members')
  })

  describe('in a language that is not whole', () => {
    const onMissing = spy()
    const german = createTexts({
      zone,
      onMissing,
      locales: withLanguage('de', {
        'line.notes.none': 'Keine Notizen',
        'order.members_one': '{{count}} Mitglied',
        'line.no-session': '',
      }),
    })
    const said = (...body: Text[]): string => german.render(body, 'de')
    beforeEach(() => onMissing.resetHistory())

    it('says what it can in that language', () => {
      expect(said(text('line.notes.none'))).to.equal('Keine Notizen')
      expect(german.render([text('line.notes.none')], 'DE')).to.equal('Keine Notizen')
      expect(onMissing.callCount).to.equal(0)
    })
    it('says the rest in English, text by text, and counts it', () => {
      expect(said(text('line.notes.none'), text('line.take', { number: 7 }))).to.equal('Keine Notizen\nWrite: take 7')
      expect(onMissing.args).to.deep.equal([[{ language: 'de', key: 'line.take' }]])
    })
    it('takes an empty line, or a text that lacks a plural form, for missing', () => {
      expect(said(text('line.no-session'))).to.equal('Not checked in')
      expect(said(text('order.members', { count: 1 }))).to.equal('1 member')
      expect(onMissing.callCount).to.equal(2)
    })
    it('does not offer it to members', () => expect(german.languages).to.deep.equal(['en']))
  })

  it('speaks English to whoever reads a language that is not there, and counts it', () => {
    const onMissing = spy()
    expect(createTexts({ zone, onMissing }).render([text('line.notes.none')], 'xx')).to.equal('No notes')
    expect(onMissing.args).to.deep.equal([[{ language: 'xx', key: 'line.notes.none' }]])
  })

  it('still says something for a key of another version, and leaves no hole unmarked', () => {
    const onMissing = spy()
    const other = { key: 'room.other', params: { name: 'Mo', due: clock(12) } } as unknown as Text
    expect(createTexts({ zone, onMissing }).render([other], 'en')).to.equal('imok: room.other, name Mo, due 12:00')
    expect(onMissing.callCount).to.equal(1)
    expect(say({ key: 'line.take', params: {} })).to.equal('Write: take ?')
  })

  it('refuses to start without English', () =>
    expect(() => createTexts({ zone, locales: { lines: new Map(), problems: [] } })).to.throw('no English texts'))

  describe('whatever people write', () => {
    const evil = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom(
        '\n#7 CLOSED by Asha: safe',
        '{{at}} {{- at}}',
        '$t(phone.in)',
        '$& $1 $$',
        '{{name}}',
        '$t(line.take, {"number": 9})',
        '\u202E#7',
        '\u2028#7 CLOSED by x',
        'a\r#8 SOS: Mo',
        '<b>&amp;',
      ),
      fc
        .array(fc.constantFrom('\n', '{{', '}}', '$t(', ')', '#7', ' CLOSED by ', '\u2066', '\v', '\u0085'), {
          maxLength: 12,
        })
        .map((parts) => parts.join('')),
    )
    const unseen = /[\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069]/u

    it('stands in the room on lines marked as theirs; ours stay as they are', () =>
      fc.assert(
        fc.property(evil, (words) => {
          const [opening, ...lines] = say(text('room.words', { name: 'Mo', at: clock(11), words })).split('\n')
          expect(opening).to.equal('From Mo, 11:00:')
          expect(lines.length).to.be.greaterThan(0)
          for (const line of lines)
            expect(line)
              .to.match(/^>( |$)/)
              .and.not.match(unseen)
              .and.not.match(/[\u2028\u2029]/)
        }),
        random,
      ))

    it('stays on one line in a name, and names no incident', () =>
      fc.assert(
        fc.property(evil, (name) => {
          const said = say(text('room.joined', { at: clock(11), name }), text('line.take', { number: 7 }))
          expect(said.split('\n')).to.have.length(2)
          expect(said)
            .to.match(/^Joined at 11:00: .*\nWrite: take 7$/u)
            .and.not.match(/#\s*\d/)
          expect(said.replaceAll(/[\u2068\u2069\n]/g, '')).to.not.match(unseen)
        }),
        random,
      ))

    it('is one line on a phone', () =>
      fc.assert(
        fc.property(evil, (words) => {
          const said = say(text('phone.said', { at: clock(11), words }))
          expect(said)
            .to.match(/^From the people watching, 11:00:/)
            .and.not.contain('\n')
        }),
        random,
      ))

    it('is never read as a text of ours, in any place', () => {
      for (const words of [
        '{{at}}',
        '{{- at}}',
        '$t(line.take)',
        '$t(line.take, {"number": 9})',
        "$& $1 $' $`",
        '<b>&amp;',
      ])
        expect(say(text('phone.said', { at: clock(11), words })), words).to.equal(
          `From the people watching, 11:00: ${words}`,
        )
    })

    it('begins a marked line wherever some reader may see a new line', () =>
      expect(say(text('line.words', { words: 'a\nb\rc\r\nd\u2028e\u2029f\u0085g\vh\fi' })).split('\n')).to.deep.equal([
        'They wrote:',
        ...Array.from('abcdefghi', (it) => `> ${it}`),
      ]))

    it('keeps its lines and its emoji in the room', () =>
      expect(say(text('line.words', { words: 'help\n\n👩‍👧 at the bridge' }))).to.equal(
        'They wrote:\n> help\n>\n> 👩‍👧 at the bridge',
      ))
  })

  describe('in another writing direction', () => {
    it('keeps a name apart from the clock beside it', () =>
      expect(say(text('room.joined', { at: clock(11), name: 'منى' }))).to.equal('Joined at 11:00: \u2068منى\u2069'))

    it('does so on phones, too', () =>
      expect(say(text('phone.name', { at: clock(11), name: 'منى' }))).to.contain('see you as \u2068منى\u2069.'))

    it('keeps Latin names and numbers apart in a right-to-left language, and knows that it is one', () => {
      const arabic = createTexts({ zone, locales: withLanguage('ar', { ...english, 'line.first': 'أولا: {{name}}' }) })
      expect(arabic.direction('ar')).to.equal('rtl')
      expect(arabic.direction('en')).to.equal('ltr')
      expect(arabic.render([text('line.first', { name: 'Mo' })], 'ar')).to.equal('أولا: \u2068Mo\u2069')
    })
  })
})
