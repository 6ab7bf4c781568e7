import { expect } from 'chai'
import { minutes, until } from './english.ts'
import { order, talk, usage } from './room.ts'
import type { Order } from '../../../src/core/commands/order.ts'

const only = (...numbers: number[]): { from: number; to: number }[] => numbers.map((it) => ({ from: it, to: it }))
const odd = Array.from({ length: 40 }, (_, n) => 2 * n + 1)

const cases: [string, Order][] = [
  ['take', { type: 'take' }],
  ['TAKE!', { type: 'take' }],
  ['take 7', { type: 'take', incident: 7 }],
  ['Take #7.', { type: 'take', incident: 7 }],
  ['take7', { type: 'take', incident: 7 }],
  ['  take   7  ', { type: 'take', incident: 7 }],
  ['“take 7”', { type: 'take', incident: 7 }],
  ['take 7 👍', { type: 'take', incident: 7 }],
  ['👍 take 7', { type: 'take', incident: 7 }],
  ['!imok take 7', { type: 'take', incident: 7 }],
  ['!IMOK: Take 7', { type: 'take', incident: 7 }],
  ['ｔａｋｅ　７', { type: 'take', incident: 7 }],
  ['take 7 until 18:00', { type: 'take', incident: 7, end: until(18) }],
  ['take #7, till 6pm!', { type: 'take', incident: 7, end: until(18) }],
  ['take 7 18:00', { type: 'take', incident: 7, end: until(18) }],
  ['take 7 2h', { type: 'take', incident: 7, end: minutes(120) }],
  ['take 7 for 45', { type: 'take', incident: 7, end: minutes(45) }],
  ['take 7 1 hour 30', { type: 'take', incident: 7, end: minutes(90) }],
  ['take 2h', { type: 'take', end: minutes(120) }],
  ['take until 18:00', { type: 'take', end: until(18) }],
  ['take 7 8', usage('take')],
  ['take 7-14', { type: 'take', incidents: [{ from: 7, to: 14 }] }],
  ['take #7–#14.', { type: 'take', incidents: [{ from: 7, to: 14 }] }],
  ['take 7 - 14', { type: 'take', incidents: [{ from: 7, to: 14 }] }],
  ['take 7-7', { type: 'take', incident: 7 }],
  ['take 7,8', { type: 'take', incidents: only(7, 8) }],
  ['take 7, 8, 12', { type: 'take', incidents: only(7, 8, 12) }],
  ['take 7 and 8', { type: 'take', incidents: only(7, 8) }],
  ['take 7-9, 12', { type: 'take', incidents: [{ from: 7, to: 9 }, ...only(12)] }],
  ['take 7-9, 12 until 18:00', { type: 'take', incidents: [{ from: 7, to: 9 }, ...only(12)], end: until(18) }],
  ['take 7-9 2h', { type: 'take', incidents: [{ from: 7, to: 9 }], end: minutes(120) }],
  ['ｔａｋｅ　７－９', { type: 'take', incidents: [{ from: 7, to: 9 }] }],
  [`take ${odd.join(', ')}`, { type: 'take', incidents: only(...odd) }],
  ['take 14-7', usage('take')],
  ['take 7-', usage('take')],
  ['take 7-9 90', usage('take')],
  ['take 7-9 and then ring', usage('take')],
  ['take 7-9-12', usage('take')],
  ['take 7-9 please do', usage('take')],
  ['take Mo', { type: 'take', member: 'mo' }],
  ['take mo until 18:00', { type: 'take', member: 'mo', end: until(18) }],
  ['!imok take Mo 2h', { type: 'take', member: 'mo', end: minutes(120) }],
  ['take Mo home', talk],
  ['take Mo and Ana', talk],
  ['take 7 please', usage('take')],
  ['take 0', usage('take')],
  ['take # ...', { type: 'take' }],
  ['take 12345678901', usage('take')],
  ['take care', talk],
  ['take a break until 18:00', talk],
  ['take, are you there?', talk],
  ['!imok take care', usage('take')],

  ['hand 7 @ben', { type: 'hand', incident: 7, to: '@ben' }],
  ['hand 7 to Ben', { type: 'hand', incident: 7, to: 'Ben' }],
  ['Hand #7 to “Ben Okri”.', { type: 'hand', incident: 7, to: 'Ben Okri' }],
  ['hand 7 to @ben:example.org!', { type: 'hand', incident: 7, to: '@ben:example.org' }],
  ['hand 7', usage('hand')],
  ['hand 7 to', usage('hand')],
  ['hand 7 to whoever is awake by then', usage('hand')],
  ['hand', usage('hand')],
  ['hand it over to Ben', talk],

  ['resolve 7 home safe', { type: 'resolve', incident: 7, outcome: 'home safe' }],
  ['resolve #7: “Home,  SAFE” 😀', { type: 'resolve', incident: 7, outcome: '“Home,  SAFE” 😀' }],
  ['resolve 7', { type: 'resolve', incident: 7 }],
  ['resolve', { type: 'resolve' }],
  ['!imok resolve home safe', { type: 'resolve', outcome: 'home safe' }],
  ['resolve home safe', talk],
  ['resolve 7-9 all home', usage('resolve')],

  ['say 7 are you still inside?', { type: 'say', incident: 7, words: 'are you still inside?' }],
  ['Say #7  “It’s me,  Asha”\nring me! ', { type: 'say', incident: 7, words: '“It’s me,  Asha”\nring me!' }],
  ['say 7 👍', { type: 'say', incident: 7, words: '👍' }],
  ['say 7', usage('say')],
  ['say 7-9 hello', usage('say')],
  ['say hello', talk],
  ['Say, 7 of us are here', talk],
  ['note 7 wears red', { type: 'note', incident: 7, words: 'wears red' }],
  ['NOTE 7: lives at 12 Mill Lane', { type: 'note', incident: 7, words: 'lives at 12 Mill Lane' }],
  ['note', usage('note')],
  ['note that he wears red', talk],
]

describe('orders about incidents', () => {
  for (const [line, wanted] of cases) {
    it(JSON.stringify(line), () => expect(order(line)).to.deep.equal(wanted))
  }
})
