import { expect } from 'chai'
import { minutes, until } from './english.ts'
import { order, talk, usage } from './room.ts'
import type { MemberField, Order } from '../../../src/core/commands/order.ts'

const sms = (number: string, name: string, language?: string): Order => ({
  type: 'invite',
  via: { channel: 'sms', number },
  name,
  ...(language !== undefined && { language }),
})
const telegram = (name: string): Order => ({ type: 'invite', via: { channel: 'telegram' }, name })
const edit = (member: string, field: MemberField, value: string): Order => ({ type: 'edit', member, field, value })
const nobody = (word: string, given: string): Order => ({ type: 'unclear', word, why: 'nobody', given })
const badNumber = (word: string, given: string): Order => ({ type: 'unclear', word, why: 'bad-number', given })
const anas = (word: string): Order => ({
  type: 'unclear',
  word,
  why: 'ambiguous',
  given: 'ana',
  candidates: ['Ana Maria', 'Ana Belén'],
})

const cases: [string, Order][] = [
  ['invite +447700900123 Mo', sms('+447700900123', 'Mo')],
  ['!imok invite +447700900123 Mo', sms('+447700900123', 'Mo')],
  ['Invite +44 7700 900-123 Ana María.', sms('+447700900123', 'Ana María')],
  ['invite (07700) 900123 “Zoë” 👍', sms('+447700900123', 'Zoë')],
  ['invite ＋４４７７００９００１２３ Mo', sms('+447700900123', 'Mo')],
  ['invite +447700900124 Fifi fr', sms('+447700900124', 'Fifi', 'fr')],
  ['invite +447700900124 Fifi FR', sms('+447700900124', 'Fifi', 'fr')],
  ['invite +447700900124 Rui pt-br', sms('+447700900124', 'Rui', 'pt-BR')],
  ['invite +447700900124 Ana De', sms('+447700900124', 'Ana De')],
  ['invite +447700900124 fr', sms('+447700900124', 'fr')],
  ['invite telegram Mo', telegram('Mo')],
  ['invite Telegram Mo Member', telegram('Mo Member')],
  ['invite 123 Mo', badNumber('invite', '123')],
  ['invite +44 77 Mo', badNumber('invite', '+44 77')],
  ['invite +447700900123', usage('invite')],
  ['invite +447700900123 !!', usage('invite')],
  ['invite +447700900123 ' + 'x'.repeat(41), usage('invite')],
  ['invite telegram', usage('invite')],
  ['invite Mo', usage('invite')],
  ['invite Mo +447700900123', usage('invite')],
  ['!imok invite your friends', usage('invite')],
  ['invite everyone to the party', talk],

  ['member Mo', { type: 'member', member: 'mo' }],
  ['member @mo', { type: 'member', member: 'mo' }],
  ['member MOI', { type: 'member', member: 'moira lee' }],
  ['member moira  lee!', { type: 'member', member: 'moira lee' }],
  ['member ana b', { type: 'member', member: 'ana belén' }],
  ['member Ana Belen', { type: 'member', member: 'ana belén' }],
  ["member sean o'b", { type: 'member', member: 'seán o’brien' }],
  ['member ana', anas('member')],
  ['member sam', { type: 'unclear', word: 'member', why: 'ambiguous', given: 'sam', candidates: ['Sam', 'Sam'] }],
  ['member zed', nobody('member', 'zed')],
  ['member', usage('member')],
  ['member of the choir', talk],

  ['edit Mo notes diabetic', edit('mo', 'notes', 'diabetic')],
  ['edit Mo notes: “Type 1”,  ask\nfor Zoë ', edit('mo', 'notes', '“Type 1”,  ask\nfor Zoë')],
  ['edit Mo notes name of the dog: Rex', edit('mo', 'notes', 'name of the dog: Rex')],
  ['edit Mo notes -', edit('mo', 'notes', '')],
  ['edit Mo notes ' + 'x'.repeat(500), edit('mo', 'notes', 'x'.repeat(500))],
  ['edit Mo notes ' + 'x'.repeat(501), usage('edit')],
  ['edit notes keeper notes tall', edit('notes keeper', 'notes', 'tall')],
  ['edit Mo name Maurice', edit('mo', 'name', 'Maurice')],
  ['edit moira lee name “Moira  Li”', edit('moira lee', 'name', 'Moira Li')],
  ['edit Mo quiet ON', edit('mo', 'quiet', 'on')],
  ['edit Mo quiet off.', edit('mo', 'quiet', 'off')],
  ['edit Mo quiet maybe', usage('edit')],
  ['edit Mo quiet constructor', usage('edit')],
  ['edit Mo number +44 7700 900125', edit('mo', 'number', '+447700900125')],
  ['edit Mo number soon', badNumber('edit', 'soon')],
  ['edit Mo duration 45m', edit('mo', 'duration', '45m')],
  ['edit Mo duration 1 hour 30', edit('mo', 'duration', '1h30m')],
  ['edit Mo duration 18:00', usage('edit')],
  ['edit Mo language FR', edit('mo', 'language', 'fr')],
  ['edit Mo language tlh', usage('edit')],
  ['edit Mo notes', usage('edit')],
  ['edit Mo', usage('edit')],
  ['edit ana notes x', anas('edit')],
  ['edit Zed notes x', nobody('edit', 'Zed')],
  ['edit the plan', talk],

  ['in Mo', { type: 'in', member: 'mo' }],
  ['in Mo 60', { type: 'in', member: 'mo', length: minutes(60) }],
  ['in moira lee until 18:00', { type: 'in', member: 'moira lee', length: until(18) }],
  ['in ana 60', anas('in')],
  ['!imok in Zed 60', nobody('in', 'Zed')],
  ['in', usage('in')],
  ['in Zed 60', talk],
  ['in about 60 minutes', talk],
  ['in Mo 60 I think', talk],
  ['in an hour', talk],

  ['out Mo', { type: 'out', member: 'mo' }],
  ['!imok out Mo', { type: 'out', member: 'mo' }],
  ['out ana', anas('out')],
  ['out Zed', nobody('out', 'Zed')],
  ['out', usage('out')],
  ["out Mo isn't answering", talk],
  ['out Mo?  anybody seen her', talk],
  ["!imok out Mo isn't answering", nobody('out', "Mo isn't answering")],

  ['extend Mo 30', { type: 'extend', member: 'mo', length: minutes(30) }],
  ['extend ana b until 18:00', { type: 'extend', member: 'ana belén', length: until(18) }],
  ['extend Mo', usage('extend')],
  ['extend Zed 30', nobody('extend', 'Zed')],
  ['extend ana 30', anas('extend')],
  ['extend our thanks to Mo', talk],
]

describe('orders about members', () => {
  for (const [line, wanted] of cases) {
    it(JSON.stringify(line.slice(0, 60)), () => expect(order(line)).to.deep.equal(wanted))
  }
})
