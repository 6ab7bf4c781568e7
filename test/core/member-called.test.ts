import { expect } from 'chai'
import { makePolicy } from '../../src/config/protocol.ts'
import { builtInProtocol } from '../../src/config/built-in-protocol.ts'
import type { Climb } from '../../src/core/ladder.ts'
import type { Incident, Member } from '../../src/core/member/member.ts'
import { newMember } from '../../src/core/member/member.ts'
import { transition } from '../../src/core/member/transition.ts'
import { DAY, MINUTE } from '../../src/core/time.ts'

const NOW = Date.parse('2026-11-17T12:00:00Z')
const policy = makePolicy(builtInProtocol, {
  speed: 1,
  emergencyNumber: '999',
  retention: { sessions: DAY, incidents: DAY },
})
const claim = { epoch: 1, until: NOW + MINUTE }

/** Overdue for so many minutes; `next`: the step of the ladder that comes. */
const late = (minutes: number, next: number, more: Partial<Incident> = {}): Member => {
  const startedAt = NOW - minutes * MINUTE
  const step = policy.ladders.overdue.steps[next]
  const climb = { startedAt, next, nextAt: startedAt + (step?.after ?? (minutes + 1) * MINUTE) }
  const member = newMember({ id: 'm', name: 'Mo', language: 'en', addresses: [], status: 'confirmed' })
  return {
    ...member,
    incident: { id: 'i', number: 7, kind: 'overdue', raisedAt: startedAt, climb, notes: [], ...more },
  }
}

const called = (member: Member, climb: Climb): Member =>
  transition(member, { type: 'called', at: NOW, claim, climb }, policy)

/** Where a roll-call stands that is so many minutes old. */
const at = (minutes: number, next: number, inMinutes: number): Climb => ({
  startedAt: NOW - minutes * MINUTE,
  next,
  nextAt: NOW + inMinutes * MINUTE,
})

describe('whoever is called in a roll-call', () => {
  it('has an alert claimed for it, and stands where it stands on the ladder', () => {
    const { incident, effects } = called(late(1, 1), at(2, 2, 1))
    expect(effects.map((e) => [e.purpose, e.state])).to.deep.equal([['alert', 'claimed']])
    expect(incident).to.deep.include({ called: effects[0]?.id, climb: { ...at(2, 2, 1), next: 2 } })
  })

  it('keeps the nudge that comes before the next round, and then goes on with the others', () => {
    const shared = at(40, 4, 4)
    const { incident } = called(late(0.5, 1), shared)
    expect(incident?.climb).to.deep.equal({ ...late(0.5, 1).incident?.climb, then: shared })
    const later = NOW + 1.6 * MINUTE
    const fresh = { sessionId: '', incidentId: '', incidentNumber: 0 }
    const woken = transition(called(late(0.5, 1), shared), { type: 'woke', at: later, fresh }, policy)
    expect(woken.incident?.climb).to.deep.equal(shared)
    const asked = woken.effects.flatMap(({ recipient: to }) => (to.to === 'group' ? [to.event] : []))
    expect(asked).to.deep.include({ type: 'nudge-asked', incident: 'i', whom: 'first', reason: 'untaken' })
  })

  it('stays as loud as it was', () => {
    expect(called(late(1, 4), at(2, 2, 3)).incident?.climb).to.deep.equal(at(2, 4, 3))
  })

  it('does what its own clock has not done yet', () => {
    const { effects } = called(late(5, 2), at(5, 3, 5))
    expect(effects.map((e) => [e.purpose, e.state])).to.deep.equal([
      ['alert', 'claimed'],
      ['nudge', 'pending'],
    ])
  })

  it('is called again for the same alert, if the kernel died before that was said, though a round is due by now', () => {
    const first = called(late(4, 2), at(4, 2, 1))
    const died = transition(first, { type: 'recovered', at: NOW + MINUTE, epoch: 2 }, policy)
    const later = NOW + 2 * MINUTE
    const again = transition(
      died,
      { type: 'called', at: later, claim: { epoch: 2, until: later + MINUTE }, climb: at(4, 3, 6) },
      policy,
    )
    expect(again.effects.filter((e) => e.purpose === 'alert').map((e) => [e.id, e.state])).to.deep.equal([
      [first.incident?.called, 'claimed'],
    ])
  })

  it('and taken before that was said: it is not said after the take, once the room has heard of it', () => {
    const heard = transition(
      called(late(4, 2), at(4, 2, 1)),
      { type: 'settled', at: NOW, effectId: 'm:1:1', outcome: { type: 'accepted', readers: 2 } },
      policy,
    )
    const died = transition(called(heard, at(5, 3, 5)), { type: 'recovered', at: NOW, epoch: 2 }, policy)
    const fresh = { sessionId: '', incidentId: '', incidentNumber: 0 }
    const by = { id: '@asha:example.org', name: 'Asha' }
    const order = { type: 'ordered', at: NOW, saidAt: NOW, inboundId: 'o', by, order: { type: 'take' }, fresh } as const
    const states = (member: Member): string[] => member.effects.filter((e) => e.purpose === 'alert').map((e) => e.state)
    expect(states(transition(died, order, policy))).to.deep.equal(['accepted', 'cancelled'])
    expect(states(transition(called(late(4, 2), at(4, 2, 1)), order, policy)), 'nobody has heard').to.deep.equal([
      'claimed',
    ])
  })

  for (const [why, more] of [
    ['it is taken', { taken: { by: { id: '@a', name: 'Asha' }, at: NOW, until: NOW + MINUTE } }],
    ['it is an SOS', { kind: 'sos' }],
  ] as const)
    it(`is not, if ${why}`, () => {
      const member = late(1, 1, more)
      expect(called(member, at(2, 2, 1))).to.equal(member)
    })
})
