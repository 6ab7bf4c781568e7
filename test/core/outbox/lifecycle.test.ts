import { expect } from 'chai'
import { kernelWaits } from '../../../src/config/machine-waits.ts'
import type { Effect, EffectState, Outcome } from '../../../src/core/effect.ts'
import { claim, enforce, prune, ready, receipt, recover, settle } from '../../../src/core/outbox/lifecycle.ts'
import type { Draft, Outbox } from '../../../src/core/outbox/outbox.ts'
import { draft as begin, withdraw } from '../../../src/core/outbox/outbox.ts'
import { clock, text } from '../../../src/core/texts.ts'
import { HOUR, MINUTE, SECOND } from '../../../src/core/time.ts'

const AT = Date.parse('2026-11-17T12:00:00Z')
const waits = kernelWaits(1)

const effect = (more: Partial<Effect> = {}): Effect => ({
  id: 'm:1:1',
  urgency: 'alert',
  recipient: { to: 'room' },
  purpose: 'alert',
  body: [],
  state: 'pending',
  createdAt: AT,
  notBefore: AT,
  attempts: 1,
  ...more,
})
const box = (...effects: Effect[]): Draft<Outbox> => begin({ id: 'm', version: 1, serial: 9, effects, applied: [] }, AT)
const first = ({ state }: Draft<Outbox>): Effect => state.effects[0] ?? effect()

describe('the life of an effect', () => {
  const claimed = effect({ state: 'claimed', claim: { epoch: 1, until: AT + 40 * SECOND } })
  const outcomes: [title: string, before: Effect, outcome: Outcome, state: EffectState][] = [
    ['accepted', claimed, { type: 'accepted', readers: 2 }, 'accepted'],
    ['refused: tried again', claimed, { type: 'refused', trouble: 'http-503' }, 'pending'],
    ['in doubt: looked for', claimed, { type: 'unknown', trouble: 'timeout' }, 'unknown'],
    ['dead', claimed, { type: 'dead', trouble: 'twilio-21610', why: 'opted-out' }, 'failed'],
    ['impossible', claimed, { type: 'impossible', trouble: 'twilio-20003' }, 'failed'],
    ['refused, taken back meanwhile', { ...claimed, withdrawn: true }, { type: 'refused', trouble: 'x' }, 'cancelled'],
    ['in doubt, taken back meanwhile', { ...claimed, withdrawn: true }, { type: 'unknown', trouble: 'x' }, 'cancelled'],
  ]
  for (const [title, before, outcome, state] of outcomes)
    it(title, () => {
      const it = box(before)
      settle(it, before.id, outcome, waits)
      expect(first(it).state).to.equal(state)
    })

  describe('of which nobody knows whether it was heard', () => {
    const doubt: Outcome = { type: 'unknown', trouble: 'timeout' }
    const refusal: Outcome = { type: 'refused', trouble: 'ECONNREFUSED' }
    const claimAgain = (it: Draft<Outbox>, epoch = 1): void =>
      claim(it, { type: 'claimed', at: AT, claim: { epoch, until: AT + 40 * SECOND }, effects: [{ id: 'm:1:1' }] })
    const waited = (more: Partial<Effect>): number => {
      const it = box({ ...claimed, ...more })
      settle(it, 'm:1:1', doubt, waits)
      return (first(it).notBefore - AT) / SECOND
    }

    it('is sent to the room again as soon as what was refused, and within 10 s whatever it is', () => {
      expect([1, 2, 3, 4, 50].map((attempts) => waited({ attempts }))).to.deep.equal([1, 2, 4, 5, 5])
      expect([1, 2, 3, 4, 5, 50].map((attempts) => waited({ attempts, urgency: 'notice' }))).to.deep.equal([
        1, 2, 4, 8, 10, 10,
      ])
    })

    it('is sent to a phone only when its provider has had the time to list it', () => {
      expect(waited({ recipient: { to: 'member' } })).to.equal(10)
      expect(
        waited({ recipient: { to: 'person', person: 'ben', address: { channel: 'sms', address: '+447700900801' } } }),
      ).to.equal(10)
    })

    it('remains so when it is refused then, and is taken back as what was heard', () => {
      const it = box(claimed)
      settle(it, 'm:1:1', doubt, waits)
      claimAgain(it, 2)
      settle(it, 'm:1:1', { ...refusal, wait: 30 * SECOND }, waits)
      expect(first(it)).to.include({ state: 'pending', doubtSince: 1, notBefore: AT + 30 * SECOND })
      const open = structuredClone(it)
      expect(withdraw(open, () => true)).to.deep.equal(['m:1:1'])
      expect(first(open)).to.include({ state: 'cancelled', doubtSince: 1 })
      claimAgain(it, 3)
      expect(first(it)).to.include({ state: 'claimed', doubtSince: 1 })
      withdraw(it, () => true)
      settle(it, 'm:1:1', refusal, waits)
      expect(first(it)).to.include({ state: 'cancelled', doubtSince: 1 })
    })

    it('remains so when the refusal of a second attempt is heard only after the first one was given up', () => {
      const it = box({ ...claimed, state: 'unknown' })
      settle(it, 'm:1:1', refusal, waits)
      expect(first(it)).to.include({ state: 'pending', doubtSince: 1 })
    })

    for (const [outcome, state] of [
      [refusal, 'pending'],
      [{ type: 'dead', trouble: 'twilio-21610', why: 'opted-out' }, 'failed'],
      [{ type: 'impossible', trouble: 'twilio-20003' }, 'failed'],
    ] as const) {
      const after = (notThere: boolean): Draft<Outbox> => {
        const it = box({ ...claimed, state: 'unknown', recipient: { to: 'member' } })
        claimAgain(it)
        settle(it, 'm:1:1', { ...outcome, notThere }, waits)
        expect(first(it).state).to.equal(state)
        return it
      }

      it(`${outcome.type} now: it is so no more only if the provider of the phone was asked, and has nothing`, () => {
        expect(withdraw(after(false), () => true)).to.deep.equal(['m:1:1'])
        const it = after(true)
        expect(withdraw(it, () => true)).to.deep.equal([])
        expect(first(it).doubtSince).to.equal(undefined)
      })
    }
  })

  it('an answer that comes twice settles once', () => {
    const it = box(effect({ state: 'accepted', acceptedAt: AT, readers: 1 }))
    expect(settle(it, 'm:1:1', { type: 'refused', trouble: 'late' }, waits)).to.equal(undefined)
    expect(first(it).state).to.equal('accepted')
  })

  it('an alert is tried at least every 5 s, however often it was refused; Retry-After is respected', () => {
    for (const attempts of [1, 2, 3, 5, 50]) {
      const it = box({ ...claimed, attempts })
      settle(it, 'm:1:1', { type: 'refused', trouble: 'http-503' }, waits)
      expect(first(it).notBefore - AT).to.be.within(1, 5 * SECOND)
    }
    const asked = box(claimed)
    settle(asked, 'm:1:1', { type: 'refused', trouble: 'http-429', wait: 30 * SECOND }, waits)
    expect(first(asked).notBefore).to.equal(AT + 30 * SECOND)
  })

  describe('where the server of the room says when it takes the next', () => {
    const limited: Outcome = { type: 'refused', trouble: 'http-429', wait: 4 * SECOND }
    const says = (key: 'room.overdue' | 'room.sos'): Pick<Effect, 'body'> => ({
      body: [text(key, { number: 1, name: 'Ada', at: clock(AT) })],
    })
    const alarm = { ...claimed, incident: 'i1', ...says('room.overdue') }
    const heard = (more: Partial<Effect>): Effect => ({
      ...alarm,
      id: 'm:1:0',
      state: 'accepted',
      acceptedAt: AT,
      ...more,
    })
    const rollCall = (isRepeat: boolean): Partial<Effect> => ({
      purpose: 'roll-call',
      rollCall: { isRepeat, untaken: 2, named: [] },
    })
    const waits4 = (what: string, ...effects: Effect[]) => [what, effects, 4 * SECOND] as const
    const after = (real: number, what: string, ...effects: Effect[]) => [what, effects, 4 * SECOND + real] as const
    for (const [what, effects, expected] of [
      waits4('a first alarm goes at once', alarm),
      waits4('a first alarm after another incident of theirs', alarm, heard({ incident: 'i0' })),
      waits4('a cry for help of somebody who is overdue', { ...alarm, ...says('room.sos') }, heard({})),
      waits4('a roll-call that names somebody first', { ...claimed, ...rollCall(false) }),
      after(500, 'an alarm that the room has heard gives way', alarm, heard({})),
      after(500, 'what else is said beside an alarm gives way', { ...alarm, purpose: 'words' }),
      after(500, 'a roll-call that says who is left gives way', { ...claimed, ...rollCall(true) }),
      after(1_000, 'what is no alert gives way to those, too', {
        ...claimed,
        urgency: 'answer',
        purpose: 'order-answer',
      }),
    ])
      it(what, () => {
        const it = box(...effects)
        settle(it, 'm:1:1', limited, waits)
        expect(first(it).notBefore - AT).to.equal(expected)
      })

    it('and where it only fails nothing gives way', () => {
      const it = box(alarm, heard({}))
      settle(it, 'm:1:1', { type: 'refused', trouble: 'http-503' }, waits)
      expect(first(it).notBefore - AT).to.equal(SECOND)
    })
  })

  it('a pause that a provider asks for has an end', () => {
    for (const urgency of ['alert', 'answer'] as const) {
      const it = box({ ...claimed, urgency })
      settle(it, 'm:1:1', { type: 'refused', trouble: 'http-429', wait: 1_000 * HOUR }, waits)
      expect(first(it).notBefore - AT).to.be.at.most(HOUR)
    }
  })

  it('claims of an earlier term are in doubt at once, those of this one only when their time is over', () => {
    const old = box(claimed)
    recover(old, 2)
    expect(first(old).state).to.equal('unknown')
    const own = box(claimed)
    recover(own, 1)
    expect(first(own).state).to.equal('claimed')
    const later = begin(own.state, AT + 40 * SECOND)
    enforce(later)
    expect(first(later).state).to.equal('unknown')
  })

  it('a receipt ranks: late ones do not go back, and what was never tried cannot have arrived', () => {
    const it = box(effect({ state: 'delivered' }))
    for (const late of ['accepted', 'sent', 'failed'] as const) receipt(it, { effectId: 'm:1:1' }, late)
    expect(first(it).state).to.equal('delivered')
    // Found by a random history: a receipt for an effect that was never sent made it accepted.
    const untried = box(effect({ attempts: 0 }))
    receipt(untried, { effectId: 'm:1:1' }, 'sent')
    expect(first(untried).state).to.equal('pending')
  })
})

describe('taking back what was said', () => {
  const alert = effect({ id: 'm:1:1' })
  const standDown = effect({ id: 'm:1:2', purpose: 'stand-down', after: ['m:1:1'], onlyIfHeard: true, attempts: 0 })
  const takenBack = (state: EffectState): Draft<Outbox> => {
    const it = box({ ...alert, state }, standDown)
    withdraw(it, (e) => e.purpose === 'alert')
    return it
  }

  it('what has not left is cancelled, and then nobody needs to hear that it is over', () => {
    const it = takenBack('pending')
    enforce(it)
    expect(it.state.effects.map((e) => e.state)).to.deep.equal(['cancelled', 'cancelled'])
  })

  it('what is on its way is waited for; if it arrives, the stand-down follows', () => {
    const it = takenBack('claimed')
    expect(ready(it.state, AT)).to.have.length(0)
    settle(it, 'm:1:1', { type: 'accepted', readers: 2 }, waits)
    expect(ready(it.state, AT).map((e) => e.id)).to.deep.equal(['m:1:2'])
  })

  it('what may have arrived is not sent again, and the stand-down goes out', () => {
    const it = takenBack('unknown')
    expect(first(it).state).to.equal('cancelled')
    expect(ready(it.state, AT).map((e) => e.id)).to.deep.equal(['m:1:2'])
  })

  it('what turned out never to have left takes its stand-down with it', () => {
    const it = takenBack('claimed')
    settle(it, 'm:1:1', { type: 'refused', trouble: 'http-503' }, waits)
    enforce(it)
    expect(it.state.effects.map((e) => e.state)).to.deep.equal(['cancelled', 'cancelled'])
  })

  describe('forgets what is settled', () => {
    const phone = { channel: 'sms', address: '+447700900001' } as const
    /** The newest last, a second apart; all of them texts to a phone. */
    const sent = (count: number, newest: number, more: Partial<Effect> = {}): Effect[] =>
      Array.from({ length: count }, (_, n) => {
        const acceptedAt = newest - (count - 1 - n) * SECOND
        const id = `m:${String(n)}:${String(n)}` as const
        return effect({ id, state: 'accepted', acceptedAt, sentTo: phone, providerId: `SM${String(n)}`, ...more })
      })
    const left = (...effects: Effect[]): number => {
      const it = box(...effects)
      prune(it, () => false)
      return it.state.effects.length
    }

    it('but for the last 24', () => {
      expect(left(...sent(60, AT - 10 * MINUTE))).to.equal(24)
    })

    it('and texts of the last two minutes, which may say the same as one in doubt', () => {
      expect(left(...sent(60, AT))).to.equal(60)
      expect(left(...sent(60, AT, { sentTo: undefined as never }))).to.equal(24)
    })

    it('and of the two minutes before one that is open still', () => {
      const doubtful = effect({ id: 'm:99:99', state: 'unknown', createdAt: AT - 9 * MINUTE })
      expect(left(...sent(60, AT - 10 * MINUTE), doubtful)).to.equal(61)
    })

    it('never more than 96', () => {
      expect(left(...sent(110, AT))).to.equal(96)
    })
  })
})
