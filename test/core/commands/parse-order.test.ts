import { expect } from 'chai'
import fc from 'fast-check'
import { names, order, talk, usage } from './room.ts'
import type { Order } from '../../../src/core/commands/order.ts'

const cases: [string, Order][] = [
  ['help', { type: 'help' }],
  ['HELP?', { type: 'help' }],
  ['!imok', { type: 'help' }],
  ['!imok help', { type: 'help' }],
  ['help take', { type: 'help', about: 'take' }],
  ['members', { type: 'members' }],
  ['!imok members', { type: 'members' }],
  ['board.', { type: 'board' }],
  ['doctor', { type: 'doctor' }],
  ['lock @asha', { type: 'lock', who: '@asha' }],
  ['!imok lock asha', { type: 'lock', who: 'asha' }],
  ['Repin @asha:example.org', { type: 'repin', who: '@asha:example.org' }],
  ['repin room', { type: 'follow' }],
  ['unlock @asha please', usage('unlock')],
  ['unlock', usage('unlock')],
  ['!imok make tea', usage('make')],
  ['!imok board now', usage('board')],
]

const chat = [
  ...['', '   ', '👍', '...', 'thanks', 'help me with this', 'members who smoke', 'board meeting at 8', 'helpful'],
  ...['lock up', 'lock the door', 'see a doctor', 'doctor Who'],
  ...['@Mo are you ok?', '@Mo take 7', 'Mo, are you ok?', 'Mo: resolve 7', 'Mo take 7', 'I take 7', 'please take 7'],
  ...['imok take 7', 'is !imok take 7 right?', 'take\u0000care', 'constructor', '__proto__ 7'],
]

describe('lines in the room', () => {
  for (const [line, wanted] of cases) {
    it(JSON.stringify(line), () => expect(order(line)).to.deep.equal(wanted))
  }
  for (const line of chat) {
    it(`${JSON.stringify(line)} is talk`, () => expect(order(line)).to.deep.equal(talk))
  }
})

const listed = [
  ...['!imok', 'help', 'invite', 'members', 'member', 'edit', 'take', 'hand', 'resolve', 'say', 'note', 'in', 'out'],
  ...[
    'extend',
    'board',
    'telegram',
    '+447700900123',
    '#7',
    '7',
    '7-14',
    '60',
    '2h',
    'until',
    '18:00',
    'to',
    '@ben',
    'fr',
  ],
  ...['Mo', 'moi', 'ana', 'Sam', 'notes', 'name', 'quiet', 'on', '“', '\ud83d', '\n', 'ﷺ'],
]
const lines = fc
  .array(fc.oneof(fc.constantFrom(...listed), fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 12 })
  .map((words) => words.join(' '))

describe('lines in the room, whatever is written', () => {
  it('always answers; orders name members there are, and incidents from 1', () =>
    fc.assert(
      fc.property(lines, (line) => {
        const found = order(line)
        if ('member' in found) expect(names.members.map(({ id }) => id)).to.include(found.member)
        if ('incident' in found) expect(found.incident).to.be.within(1, 999_999)
        if (found.type === 'say' || found.type === 'note') expect(line).to.include(found.words)
        if (found.type === 'unclear') expect(found.word.length).to.be.within(1, 40)
      }),
      { numRuns: 3_000 },
    ))

  it('nothing is mere talk behind !imok', () =>
    fc.assert(
      fc.property(lines, (line) => {
        expect(order(`!imok ${line}`).type).not.to.equal('talk')
      }),
    ))

  it('a further word never leaves out, members, member or board acting', () =>
    fc.assert(
      fc.property(
        fc.constantFrom('out Mo', 'members', 'member Mo', 'board', 'in Mo 60', 'extend Mo 30', 'take 7 2h'),
        fc.constantFrom('is', 'not', 'answering', 'xyz', 'banana'),
        (line, word) => {
          expect(order(`${line} ${word}`).type).to.be.oneOf(['talk', 'unclear'])
        },
      ),
    ))

  for (const part of [
    '!',
    'mo ',
    '"!',
    '7 ',
    'edit mo ',
    'in mo 1h ',
    '+44 ',
    'x',
    'x\n',
    '👍',
    '😀 ',
    '.',
    'ﷺ',
    '\ud800 ',
  ]) {
    it(`reads 10,000 characters of ${JSON.stringify(part)} in time`, function () {
      this.timeout(2_000)
      const text = part.repeat(10_000 / part.length)
      for (const before of ['', '!imok ', 'edit ', 'in ', 'invite ', 'take 7 ', 'hand 7 ', 'edit Mo name ', 'say 7 ']) {
        expect(order(before + text)).to.have.property('type')
      }
    })
  }
})
