import { expect } from 'chai'
import { createAlarms } from '../../../src/app/alarms.ts'
import type { Effect } from '../../../src/core/effect.ts'
import { climbOf, cutAt, isStorm, toBeNamed } from '../../../src/core/group/bundles.ts'
import type { Incident, Member } from '../../../src/core/member/member.ts'
import { newMember } from '../../../src/core/member/member.ts'
import { builtInProtocol } from '../../../src/config/built-in-protocol.ts'
import { realWaits } from '../../../src/config/machine-waits.ts'
import { text } from '../../../src/core/texts.ts'
import { MINUTE, SECOND } from '../../../src/core/time.ts'

const NOW = Date.parse('2026-11-17T12:00:00Z')
const { storm, ladders } = builtInProtocol

interface Short {
  place?: string
  /** Minutes ago. */
  since?: number
  more?: Partial<Incident>
}

/** Overdue and taken by nobody, unless said otherwise. */
const late = (id: string, { place, since = 0, more = {} }: Short = {}): Member => {
  const startedAt = NOW - since * MINUTE
  const member = newMember({ id, name: id, language: 'en', addresses: [], status: 'confirmed' })
  const climb = { startedAt, next: 1, nextAt: startedAt + 2 * MINUTE }
  return {
    ...member,
    session: {
      ...{ id: `s${id}`, kind: 'timed', openedAt: 0, dueAt: startedAt, reminders: [], reminded: [], missed: true },
      ...(place !== undefined && { place }),
    },
    incident: { id: `i${id}`, number: Number(id), kind: 'overdue', raisedAt: startedAt, climb, notes: [], ...more },
  }
}

const taken = { by: { id: '@a', name: 'Asha' }, at: NOW, until: NOW + MINUTE }

const alert = (of: string, more: Partial<Effect> = {}): Effect => ({
  ...{
    id: `e${of}`,
    urgency: 'alert',
    recipient: { to: 'room' },
    purpose: 'alert',
    incident: `i${of}`,
    state: 'pending',
  },
  ...{ body: [text('room.overdue', { number: 1, name: of })], createdAt: NOW, notBefore: NOW, attempts: 0 },
  ...more,
})

const opensAgain = { body: [text('room.open-again', { number: 1, name: '1', holder: 'Asha', at: { clock: NOW } })] }

const alarmsOf = (...members: Member[]): ReturnType<typeof createAlarms> => {
  const alarms = createAlarms()
  for (const member of members) alarms.saw(member)
  return alarms
}

describe('whether an alert is one of a storm', () => {
  const cases: [string, boolean, Member[], Partial<Effect>?, number?][] = [
    ['alone', false, [late('1')]],
    ['two', false, [late('1'), late('2')]],
    ['three without a place', true, [late('1'), late('2'), late('3')]],
    [
      'three at one place',
      true,
      [late('1', { place: 'mill' }), late('2', { place: 'mill' }), late('3', { place: 'mill' })],
    ],
    ['three at two places', false, [late('1', { place: 'mill' }), late('2', { place: 'mill' }), late('3')]],
    ['the others almost 5 minutes ago', true, [late('1'), late('2', { since: 4.9 }), late('3', { since: 4.9 })]],
    ['one of them longer ago', false, [late('1'), late('2', { since: 5.1 }), late('3', { since: 2 })]],
    ['one of them taken', false, [late('1'), late('2', { more: { taken } }), late('3')]],
    ['one of them an SOS', false, [late('1'), late('2', { more: { kind: 'sos' } }), late('3')]],
    ['itself an SOS', false, [late('1', { more: { kind: 'sos' } }), late('2'), late('3'), late('4')]],
    ['itself taken', false, [late('1', { more: { taken } }), late('2'), late('3'), late('4')]],
    [
      'beside two of an old roll-call',
      true,
      [late('1'), ...['2', '3'].map((id) => late(id, { since: 40, more: { called: 'x' } }))],
    ],
    ['beside the last of a roll-call', false, [late('1'), late('2', { since: 40, more: { called: 'x' } })]],
    ['the last of a roll-call', true, [late('1', { since: 40, more: { called: 'x' } })]],
    ['five alerts in a second', false, [late('1')], {}, 5],
    ['six alerts in a second', true, [late('1')], {}, 6],
    ['six in a second, and itself an SOS', false, [late('1', { more: { kind: 'sos' } })], {}, 6],
    ['of an earlier alarm', false, [late('1'), late('2'), late('3')], { incident: 'i0' }],
    ['said by itself, perhaps', false, [late('1'), late('2'), late('3')], { state: 'unknown', attempts: 1 }],
    ['said in a roll-call, perhaps', true, [late('1', { more: { called: 'e1' } })], { state: 'unknown', attempts: 1 }],
    [
      'OPEN AGAIN beside two who are overdue',
      false,
      [late('1', { more: { again: true } }), late('2'), late('3')],
      opensAgain,
    ],
    ['OPEN AGAIN, three of them', true, ['1', '2', '3'].map((id) => late(id, { more: { again: true } })), opensAgain],
  ]
  for (const [title, expected, members, more, lately = 1] of cases)
    it(`${title}: ${expected ? 'yes' : 'no'}`, () => {
      expect(isStorm('1', alert('1', more), alarmsOf(...members), lately, NOW, storm)).to.equal(expected)
    })
})

describe('whom a roll-call names', () => {
  const ids = (all: { member: string }[]): string[] => all.map(({ member }) => member)
  const of = (
    waited: string[],
    alarms: ReturnType<typeof createAlarms>,
    unnamed: string[] = [],
  ): { joined: string[]; again: string[] } => {
    const waiting = new Map(waited.map((id) => [id, 0]))
    const { joined, again } = toBeNamed(new Set(waited), waiting, new Set(unnamed), alarms, NOW, storm)
    return { joined: ids(joined), again: ids(again) }
  }

  it('those who wait, and who was said singly at their places within 5 minutes, by number', () => {
    const alarms = alarmsOf(
      late('2', { since: 4 }),
      late('10'),
      late('1', { since: 1 }),
      late('3', { since: 6 }),
      late('4', { place: 'mill' }),
    )
    expect(of(['10'], alarms)).to.deep.equal({ joined: ['1', '2', '10'], again: [] })
  })

  it('joiners alone, as long as nobody is to be heard again; then all who are left in it', () => {
    const called = { called: 'x' }
    const alarms = alarmsOf(
      late('1', { since: 20, more: called }),
      late('2', { since: 20, more: called }),
      late('3'),
      late('4', { more: { taken } }),
    )
    expect(of(['3'], alarms)).to.deep.equal({ joined: ['3'], again: [] })
    expect(of(['1', '3'], alarms)).to.deep.equal({ joined: ['3'], again: ['1', '2'] })
    expect(of(['4'], alarms), 'taken meanwhile').to.deep.equal({ joined: [], again: [] })
  })

  it('who could not be named the last time brings nobody else', () => {
    const alarms = alarmsOf(...['1', '2', '3'].map((id) => late(id, { since: 20, more: { called: 'x' } })))
    expect(of(['1'], alarms, ['1'])).to.deep.equal({ joined: [], again: ['1'] })
    expect(of(['1', '2'], alarms, ['1'])).to.deep.equal({ joined: [], again: ['1', '2', '3'] })
  })
})

describe('when it names them', () => {
  const at = (since: number, last?: { at: number; each: number }, count = 3): number =>
    cutAt({ since: since * SECOND, count }, last && { ...last, at: last.at * SECOND }, realWaits) / SECOND

  const cases: [string, number, number][] = [
    ['the first after a moment', at(0), 0.25],
    ['a joiner long after the last message, too', at(20, { at: 0, each: 0 }), 20.25],
    ['a joiner soon after it 5 s after it', at(3, { at: 0, each: 0 }), 5],
    ['but nobody so late that it could not be within 5 s', at(0.1, { at: 0, each: 0 }), 4.6],
    ['and earlier where naming takes long', at(0.1, { at: 0, each: 5 }, 100), 4.1],
    ['but not much earlier', at(0.1, { at: 0, each: 100 }, 100), 2.1],
  ]
  for (const [title, found, expected] of cases) it(title, () => expect(found).to.be.closeTo(expected, 0.001))

  it('it climbs with whoever has waited longest; what is due by now is its message', () => {
    const alarms = alarmsOf(late('1', { since: 5 }), late('2', { since: 1 }))
    expect(climbOf(alarms.at(''), ladders.overdue, NOW)).to.deep.equal({
      startedAt: NOW - 5 * MINUTE,
      next: 3,
      nextAt: NOW + 5 * MINUTE,
    })
    expect(climbOf([], ladders.overdue, NOW)).to.equal(undefined)
  })
})
