import { expect } from 'chai'
import { SegmentedMessage } from 'sms-segments-calculator'
import type { TextKey } from '../../src/core/texts.ts'
import { isGsm7 } from '../../src/i18n/gsm7.ts'
import { readLocales } from '../../src/i18n/languages.ts'
import { createTexts } from '../../src/i18n/texts.ts'
import { declared, filled, noon, variants } from './declared.ts'

const locales = readLocales()
const texts = createTexts({ zone: noon, locales })
const onPhones = [...declared.keys()].filter((key) => key.startsWith('phone.') || key.startsWith('nudge'))
const shown = (key: TextKey, language: string): string[] => variants(key).map((it) => texts.render([it], language))
const budget = (key: TextKey, language: string): number => (language !== 'en' || key === 'phone.menu' ? 2 : 1)

/** The words a member can use are the same in every language, in capitals, so a test can look for them in each. */
const words: Partial<Record<TextKey, string[]>> = {
  'phone.in': ['OUT', 'MORE', 'SOS'],
  'phone.in.nobody-on-duty': ['OUT', 'MORE', 'SOS'],
  'phone.in.nobody-watching': ['OUT', 'MORE', 'SOS'],
  'phone.in.passed': ['OUT', 'IN', 'SOS'],
  'phone.in.capped': ['OUT', 'IN', 'SOS'],
  'phone.in.by-admin': ['OUT', 'MORE', 'SOS'],
  'phone.more': ['OUT', 'MORE', 'SOS'],
  'phone.more.at-cap': ['OUT', 'IN', 'SOS'],
  'phone.more.not-out': ['IN', 'SOS'],
  'phone.reminder': ['OUT', 'MORE 30', 'SOS'],
  'phone.overdue': ['OUT', 'SOS'],
  'phone.overdue.trying': ['OUT', 'SOS'],
  'phone.overdue.still': ['OUT', 'SOS'],
  'phone.sos': ['SOS', '888888888888888'],
  'phone.sos.trying': ['SOS', '888888888888888'],
  'phone.sos.untaken': ['SOS', '888888888888888'],
  'phone.sos.still': ['SOS'],
  'phone.taken': ['SOS'],
  'phone.take-lapsed': ['SOS'],
  'phone.resolved': ['SOS', 'STATUS'],
  'phone.out.by-admin': ['IN', 'SOS'],
  'phone.out.old': ['OUT', 'SOS'],
  'phone.ok': ['OUT', 'SOS'],
  'phone.ask.out': ['OUT', 'SOS'],
  'phone.ask.word': ['STATUS', 'SOS'],
  'phone.passed-on': ['IN', 'SOS', 'MENU'],
  'phone.passed-on.out': ['OUT', 'SOS', 'MENU'],
  'phone.blank': ['SOS', 'MENU'],
  'phone.place': ['SOS'],
  'phone.status': ['OUT', 'MORE', 'SOS'],
  'phone.status.overdue': ['OUT', 'SOS'],
  'phone.status.sos': ['SOS'],
  'phone.status.taken': ['SOS'],
  'phone.status.no-session': ['IN', 'SOS'],
  'phone.menu': ['SOS', 'IN', 'MORE', 'OUT', 'OK', 'STATUS', 'NAME', 'STOP', '888888888888888'],
  'phone.welcome': ['IN', 'OUT', 'SOS', 'MENU'],
  'phone.invitation': ['YES'],
  'phone.revived': ['IN', 'OUT', 'SOS', 'MENU'],
}

/** Whoever holds the phone, the member reads last what to do if it was not them. */
const answersToOut: TextKey[] = [
  'phone.out',
  'phone.out.after-alarm',
  'phone.out.under-sos',
  'phone.out.no-session',
  'phone.out.old',
  'phone.ask.out',
  'phone.ask.out.no-session',
]

/** protocol.md section 1: a member who sends one of these cuts their own line. */
const carriersWords =
  /\b(STOP|STOPALL|STOP ALL|UNSUBSCRIBE|CANCEL|END|QUIT|REVOKE|OPTOUT|OPT-OUT|REMOVE|ARRET|ARRETE|FIN|BAJA|SALIR|ALTO|STOPP|ENDE|TD)\b/

const has = (text: string, word: string): boolean =>
  new RegExp(`(?<![\\p{L}\\p{N}])${word}(?![\\p{L}\\p{N}])`, 'u').test(text)

for (const language of locales.lines.keys()) {
  describe(`what phones are sent, in ${language}`, () => {
    for (const key of onPhones) {
      it(`${key} fits, and says what time it is`, () => {
        for (const text of shown(key, language)) {
          const { segmentsCount } = new SegmentedMessage(text)
          expect(segmentsCount, `${String(text.length)} characters: ${text}`).to.be.at.most(budget(key, language))
          expect(text)
            .to.match(/(?<!\d)12:00(?!\d)/)
            .and.not.match(/overdue|#|\n/i)
          if (language === 'en') expect(isGsm7(text), text).to.equal(true)
        }
      })
    }

    for (const [key, expected] of Object.entries(words) as [TextKey, string[]][]) {
      it(`${key} names ${expected.join(', ')}`, () => {
        for (const text of shown(key, language))
          expect(
            expected.filter((word) => !has(text, word)),
            text,
          ).to.deep.equal([])
      })
    }

    for (const key of answersToOut) {
      it(`${key} ends with SOS, for a member who did not send OUT`, () => {
        for (const text of shown(key, language)) expect(text).to.match(/SOS\P{L}*$/u)
      })
    }

    it('no text tells anybody to send a word that carriers act on; MENU warns of STOP', () => {
      for (const key of onPhones)
        for (const text of shown(key, language))
          expect(carriersWords.exec(text)?.[0], text).to.equal(key === 'phone.menu' ? 'STOP' : undefined)
    })

    it('an invitation begins with who invites; words from the room come after a short opening, last', () => {
      expect(texts.render([filled('phone.invitation', { group: 'Friday watch' })], language)).to.contain('Friday watch')
      expect(texts.render([filled('phone.said', { words: 'WORDS' })], language)).to.match(/^.{1,70}WORDS$/)
    })

    it('a nudge is told apart by nothing but its time: it has no content', () => {
      for (const key of onPhones.filter((it) => it.startsWith('nudge')))
        expect(Object.keys(declared.get(key) ?? {}), key).to.deep.equal(['at'])
    })

    after(() => {
      if (process.env['IMOK_SHOW_TEXTS'] === language) console.log(table(language))
    })
  })
}

describe('what phones are sent, word for word', () => {
  const say = (key: TextKey): string => texts.render([filled(key, { emergency: '112' })], 'en')

  it('the nudges', () => {
    expect(say('nudge')).to.equal('imok: an alert needs you in the room. 12:00')
    expect(say('nudge.room-down')).to.equal('imok: the room is down, open the board. 12:00')
  })
  it('OUT, which is what a duress word is answered too', () =>
    expect(say('phone.out')).to.equal('OUT noted 12:00. You get no more reminders. If you did not send OUT, text SOS.'))
  it('every answer to OUT ends alike', () => {
    for (const key of answersToOut) expect(say(key), key).to.match(/ did not send (OUT|them), text SOS\.$/)
  })
  it('the carrier warning and who we are', () => {
    expect(say('phone.menu'))
      .to.contain('Ignore any text that tells you to reply STOP.')
      .and.contain('volunteers, not an emergency service')
    expect(say('phone.invitation')).to.match(
      /YES to join\. Unexpected\? Ignore it\. Volunteers, not an emergency service\. SMS is not private/,
    )
  })
  it('an SOS that reached nobody does not claim that it did', () => {
    const none = texts.render([filled('phone.sos', { count: 0 })], 'en')
    expect(none)
      .to.contain('it has reached nobody yet')
      .and.not.match(/alert sent/i)
    expect(texts.render([filled('phone.sos', { count: 1 })], 'en')).to.contain('Alert sent 12:00 to 1 person.')
    expect(texts.render([filled('phone.sos', { count: 3 })], 'en')).to.contain('Alert sent 12:00 to 3 people.')
  })
  it('before a server has the alert, no text says that it was sent', () => {
    for (const key of ['phone.sos.trying', 'phone.overdue.trying'] as const)
      expect(say(key))
        .to.match(/trying/)
        .and.not.match(/alert (was )?sent/i)
    expect(say('phone.overdue')).to.contain('an alert was sent at 12:00')
  })
})

function table(language: string): string {
  const rows = onPhones.map((key) => {
    const text =
      shown(key, language)
        .sort((a, b) => a.length - b.length)
        .at(-1) ?? ''
    const { segmentsCount, encodingName } = new SegmentedMessage(text)
    return `${String(text.length).padStart(4)}  ${String(segmentsCount)} ${encodingName.padEnd(5)}  ${key}\n      ${text}`
  })
  const others = [...declared.keys()].filter((key) => !onPhones.includes(key))
  return [
    `characters, SMS parts and alphabet of each text (${language}), as long as it gets`,
    ...rows,
    ...others.map((key) => `${key}\n      ${shown(key, language).at(-1) ?? ''}`),
  ].join('\n')
}
