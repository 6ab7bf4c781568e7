import { expect } from 'chai'
import { command, minutes, parse, seconds, until } from './english.ts'
import type { Length } from '../../../src/core/commands/command.ts'

const lengths: [string, Length][] = [
  ['in 90', minutes(90)],
  ['IN 90m', minutes(90)],
  ['in 90 min', minutes(90)],
  ["in 90'", minutes(90)],
  ['in 90 minutes please', minutes(90)],
  ['in90', minutes(90)],
  ['in90m', minutes(90)],
  ['in-90', minutes(90)],
  ['in: 90!', minutes(90)],
  ['i 90', minutes(90)],
  ['in 5h', minutes(300)],
  ['in 5 hours', minutes(300)],
  ['in 1h30', minutes(90)],
  ['in 1h30m', minutes(90)],
  ['in 1h 30m', minutes(90)],
  ['in 1 hr 30', minutes(90)],
  ['in 1 hour and 10 minutes', minutes(70)],
  ['in 1:30', minutes(90)],
  ['in 0:20', minutes(20)],
  ['in 1.5h', minutes(90)],
  ['in 1,5 hours', minutes(90)],
  ['in 1½h', minutes(90)],
  ['in ½ hour', minutes(30)],
  ['in 1/2 hour', minutes(30)],
  ['in half an hour', minutes(30)],
  ['in half hour', minutes(30)],
  ['in an hour and a half', minutes(90)],
  ['in for two hours', minutes(120)],
  ['in about thirty minutes', minutes(30)],
  ['in 2 days', minutes(2 * 24 * 60)],
  ['in 20s', seconds(20)],
  ['in 50s', seconds(50)],
  ['in 50 s', seconds(50)],
  ['in 1m30s', seconds(90)],
  ['in until 15:30', until(15, 30)],
  ['in til 3pm', until(15)],
  ["in 'til 3 p.m.", until(15)],
  ['in till 3:15pm', until(15, 15)],
  ['in until 3', until(3)],
  ['in until 1530', until(15, 30)],
  ['in until 15h30', until(15, 30)],
  ['in until noon', until(12)],
  ['in until midnight', until(0)],
  ['in until 12am', until(0)],
  ['in until 24:00', until(0)],
  ['in 15:30', until(15, 30)],
  ['in 15.30', until(15, 30)],
  ['in 1530', until(15, 30)],
  ['in 9:30', until(9, 30)],
  ['in 01:30', until(1, 30)],
  ['in 3pm', until(15)],
  ['ｉｎ　９０', minutes(90)],
  ['in ٩٠', minutes(90)],
  ['in\u00a090', minutes(90)],
  ['\u200fi\u200bn 90\u200e', minutes(90)],
  ['/in@imok_bot 20m', minutes(20)],
  ['in 99999h', minutes(99_999 * 60)],
  ['in 112', minutes(112)],
]

/** Behind IN, but no length: the session opens with the length it gets by default, and the room reads the words. */
const words: [string, string][] = [
  ['in 0', '0'],
  ['in 0m', '0m'],
  ['in -5', '-5'],
  ['in 999999999999h', '999999999999h'],
  ['in ' + '9'.repeat(400), '9'.repeat(400)],
  ['in 07700900123', '07700900123'],
  ['in 25:00', '25:00'],
  ['in 15:75', '15:75'],
  ['in until late', 'until late'],
  ['in until 90', 'until 90'],
  ['in 13pm', '13pm'],
  ['in m', 'm'],
  ['in banana', 'banana'],
  ['IN the  woods', 'the  woods'],
  ['in 🔪', '🔪'],
]

describe('IN and how long', () => {
  for (const bare of ['in', 'IN', 'I', 'i.', ' In! ', 'in 👍', '/in', 'in please', '"in"', '\n in \t', '😀 in']) {
    it(`${JSON.stringify(bare)} is IN`, () =>
      expect(parse(bare)).to.deep.equal({ command: { type: 'in' }, danger: false }))
  }
  for (const [text, length] of lengths) {
    it(`${JSON.stringify(text)} has a length`, () =>
      expect(parse(text)).to.deep.equal({ command: { type: 'in', length }, danger: false }))
  }
  for (const [text, rest] of words) {
    it(`${JSON.stringify(text.slice(0, 30))} has words`, () =>
      expect(command(text)).to.deep.equal({ type: 'in', words: rest }))
  }
  it('keeps the length that stands before the words', () =>
    expect(command('in 5m banana')).to.deep.equal({ type: 'in', length: minutes(5), words: 'banana' }))
  it('keeps a certain length behind words, so that no alarm is later than asked', () =>
    expect(command('in old shed 20m')).to.deep.equal({ type: 'in', length: minutes(20), words: 'old shed 20m' }))
  it('takes no bare number from within words', () =>
    expect(command('in shed with 3 men')).to.deep.equal({ type: 'in', words: 'shed with 3 men' }))
})

describe('IN and where', () => {
  for (const text of [
    'in 60 old mill',
    'in old mill 60',
    'IN for 60 min at the Old Mill please',
    'in Old  Mill, 1h.',
  ]) {
    it(`${text}: a known place, in the group's spelling`, () =>
      expect(parse(text)).to.deep.equal({
        command: { type: 'in', length: minutes(60), place: 'Old Mill' },
        danger: false,
      }))
  }
  it('a place without a length', () => expect(command('in at bridge')).to.deep.equal({ type: 'in', place: 'Bridge' }))
  it('a known place called after the police is no danger', () =>
    expect(parse('in police station')).to.deep.equal({
      command: { type: 'in', place: 'Police Station' },
      danger: false,
    }))
  it('words behind a place are words', () =>
    expect(parse('in bridge they follow, help')).to.deep.equal({
      command: { type: 'in', place: 'Bridge', words: 'they follow, help' },
      danger: true,
    }))
})

describe('a lone letter begins sentences too', () => {
  for (const text of ['I am scared', 'O my god they have a knife', 'I think somebody took her', 'k help']) {
    it(`${text}: passed on, not obeyed`, () => expect(command(text).type).to.equal('other'))
  }
  it('I with a length is IN', () =>
    expect(command('I 90 by the river')).to.deep.equal({ type: 'in', length: minutes(90), words: 'by the river' }))
})

describe('MORE', () => {
  const more: [string, object][] = [
    ['more', {}],
    ['MORE!', {}],
    ['more 30', { length: minutes(30) }],
    ['more30', { length: minutes(30) }],
    ['more +30', { length: minutes(30) }],
    ['more another 30 min please', { length: minutes(30) }],
    ['more until 18:00', { length: until(18) }],
    ['more time', { words: 'time' }],
    ['more 30 I am hurt', { length: minutes(30), words: 'I am hurt' }],
    ['more bridge', { words: 'bridge' }],
  ]
  for (const [text, rest] of more) it(text, () => expect(command(text)).to.deep.equal({ type: 'more', ...rest }))
})
