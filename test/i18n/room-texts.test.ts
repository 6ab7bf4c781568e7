import { expect } from 'chai'
import type { TextKey } from '../../src/core/texts.ts'
import { readLocales } from '../../src/i18n/languages.ts'
import { createTexts } from '../../src/i18n/texts.ts'
import { declared, filled, noon, variants } from './declared.ts'

const locales = readLocales()
const texts = createTexts({ zone: noon, locales })
const inRoom = [...declared.keys()].filter((key) => /^(room|line|order|state|board|button)\./.test(key))
const short = { number: 7, name: 'Mo', holder: 'Admin', by: 'Admin', outcome: 'safe', from: '+447700900999', to: 'Ben' }
const say = (key: TextKey, language = 'en'): string => texts.render([filled(key, short)], language)

/** People and tests find alerts by these words: the same in every language (protocol.md section 4). */
const openings: Partial<Record<TextKey, RegExp>> = {
  'room.overdue': /^#7 OVERDUE, \S+: Mo$/,
  'room.sos': /^#7 SOS: Mo, 12:00$/,
  'room.open-again': /^#7 OPEN AGAIN: Mo, 12:00/,
  'room.roll-call': /^#7 ROLL-CALL, .*\./,
  'room.roll-call.again': /^#7 ROLL-CALL, /,
  // Each stands in a roll-call, on a line of its own.
  'line.roll-call': /^#7 Mo, due 12:00: take 7$/,
  'line.roll-call.place': /^#7 Mo, due 12:00, place \S+: take 7$/,
  'line.roll-call.again': /^#7 OPEN AGAIN: Mo, due 12:00: take 7$/,
  'room.taken': /^#7 TAKEN by Admin until 12:00$/,
  'room.closed': /^#7 CLOSED by Admin: safe$/,
  'room.stood-down': /^#7 STOOD DOWN: /,
  'room.stood-down.early': /^#7 STOOD DOWN: /,
  'room.said-for-nothing': /^#7 STOOD DOWN: /,
  'room.unverified': /^UNVERIFIED: \+447700900999, 12:00/,
  'room.unverified.loud': /^UNVERIFIED, .*: \+447700900999, 12:00/,
  'room.unverified.more': /^UNVERIFIED: /,
  'room.blind': /^BLIND .*12:00–12:00$/,
  'room.clock': /^BLIND: /,
}

for (const language of locales.lines.keys()) {
  describe(`what the room is told, in ${language}`, () => {
    for (const [key, opening] of Object.entries(openings) as [TextKey, RegExp][]) {
      it(`${key} opens with its fixed words`, () => expect(say(key, language)).to.match(opening))
    }

    it('an alert says how to take it', () => expect(say('line.take', language)).to.match(/\btake 7$/))

    for (const key of inRoom.filter((it) => !(it in openings))) {
      it(`${key} is no alarm and looks like none`, () => {
        for (const it of variants(key))
          expect(texts.render([it], language)).to.not.match(
            /overdue|#|UNVERIFIED|BLIND|TAKEN|CLOSED|OPEN AGAIN|STOOD DOWN/,
          )
      })
    }

    it('no line begins with what somebody chose', () => {
      const lines = Object.entries(locales.lines.get(language) ?? {}).filter(([key]) =>
        /^(room|line|order|state|board)\./.test(key),
      )
      const begins = lines.flatMap(([key, text]) =>
        text
          .split('\n')
          .filter((line) => /^\W*\{\{(name|was|from|given|what|holder|by|to)\}\}/.test(line))
          .map(() => key),
      )
      // A list's entries begin with its sign and stand below its title; `given` stands between quotation marks.
      expect(begins.filter((key) => !/^(state|board)\./.test(key) && key !== 'order.bad-number')).to.deep.equal([])
    })

    it('what people wrote stands last and on lines of its own', () => {
      for (const [key, text] of Object.entries(locales.lines.get(language) ?? {}))
        if (!key.startsWith('phone.') && text.includes('{{words}}')) expect(text, key).to.match(/[^\n]\n\{\{words\}\}$/)
    })
  })
}

describe('what the room is told, word for word', () => {
  it('an alert reads from top to bottom', () => {
    const alert = [
      filled('room.overdue', short),
      filled('line.session'),
      filled('line.heard'),
      filled('line.notes', { notes: 'diabetic' }),
      filled('line.first', short),
      filled('line.take', short),
    ]
    expect(texts.render(alert, 'en').split('\n')).to.deep.equal([
      '#7 OVERDUE, unconfirmed: Mo',
      'In 12:00, due 12:00',
      'Last heard 12:00',
      'Notes: diabetic',
      'First: take it, then ring Mo',
      'Write: take 7',
    ])
  })
  it('what the table of texts fixes', () => {
    expect(say('line.no-phone-closes')).to.equal("No text from Mo's phone closes this")
    expect(say('room.take-ends')).to.equal('Still with it, Admin? You have Mo until 12:00. Write: take 7')
    expect(
      texts.render([filled('room.started.upgraded', { version: '1.4.0', was: '1.3.2', count: 0 })], 'en'),
    ).to.equal('imok 1.4.0 started, was 1.3.2; 0 sessions were open')
    expect(
      texts.render([filled('room.started.upgraded', { version: '1.4.0', was: '1.3.2', count: 1 })], 'en'),
    ).to.match(/; 1 session was open$/)
    expect(say('button.take')).to.equal('I have it')
  })
})
