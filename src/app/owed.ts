import type { Claim, Effect, EffectId, Outcome } from '../core/effect.ts'
import { isOpen } from '../core/effect.ts'
import type { Duration, Instant } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import { isNotInOffice } from './fence.ts'
import type { House } from './house.ts'

/** Between two tries to make it good. Real milliseconds. */
const AGAIN: Duration = SECOND

/** A call that was given up may be carried out so much later: with all its tries it takes nine seconds. Real milliseconds. */
const LATE_SAVE: Duration = 20 * SECOND

/** A save failed, and perhaps it was made all the same; or how an attempt went could not be saved. Without this its claim would have to end first. */
export interface Owed {
  /** Passes on what `save` does. If it fails, nothing was sent for this claim, should it have been saved. `effect`: of this one only. */
  claiming: <T>(document: string, claim: Claim, save: Promise<T>, effect?: EffectId) => Promise<T>
  /** The same of how an attempt went: it is saved as soon as the store can. */
  settling: <T>(document: string, effect: EffectId, outcome: Outcome, save: Promise<T>) => Promise<T>
  /** Whether an attempt at this effect is over and only not saved so: it must not be tried again. */
  owes: (document: string, effect: EffectId) => boolean
  stop: () => void
}

interface Debt {
  /** A save of a claim that nobody heard of may still be made within that time. By the kernel's clock. */
  until: Instant
  /** How its attempt went is known. */
  effect?: EffectId
  isOf: (effect: Effect) => boolean
  outcome: Outcome
  /** When that was known. */
  at: Instant
}

/** What was not taken is tried again after a pause from then on: should each try to save that begin it anew, it would never be over. */
const momentOf = ({ outcome, at }: Debt, now: Instant): Instant =>
  outcome.type === 'refused' || outcome.type === 'unknown' ? at : now

export function createOwed(options: { house: Pick<House, 'either'>; clock: Clock }): Owed {
  const { house, clock } = options
  const debts = new Map<string, Debt[]>()
  let isServing = true

  const pay = async (document: string): Promise<void> => {
    if (!isServing) return
    for (const debt of debts.get(document) ?? []) {
      const effect = (await house.either.read(document))?.effects.find((e) => isOpen(e) && debt.isOf(e))
      if (!effect && clock.now() < debt.until) continue
      if (effect) {
        const [{ outcome }, at] = [debt, momentOf(debt, clock.now())]
        await house.either.apply(document, { type: 'settled', at, effectId: effect.id, outcome })
      }
      debts.set(
        document,
        (debts.get(document) ?? []).filter((it) => it !== debt),
      )
    }
    if (debts.get(document)?.length === 0) debts.delete(document)
  }

  const payLater = async (document: string): Promise<void> => {
    while (isServing && debts.has(document)) {
      await clock.pause(AGAIN)
      // Somebody else acts now, and clears the claims of all before it.
      await pay(document).catch((error: unknown) => isNotInOffice(error) && debts.delete(document))
    }
  }

  const owing = async <T>(document: string, save: Promise<T>, owes: Omit<Debt, 'at'>): Promise<T> => {
    const debt = { ...owes, at: clock.now() }
    try {
      return await save
    } catch (error) {
      const known = debts.get(document)
      if (isServing && !isNotInOffice(error)) debts.set(document, [...(known ?? []), debt])
      if (!known) void payLater(document)
      throw error
    }
  }

  return {
    claiming: (document, claim, save, id) =>
      owing(document, save, {
        until: clock.now() + LATE_SAVE * clock.speed,
        isOf: (e) =>
          (id === undefined || e.id === id) &&
          e.state === 'claimed' &&
          e.claim?.epoch === claim.epoch &&
          e.claim.until === claim.until,
        outcome: { type: 'refused', trouble: 'claim-unsaved' },
      }),
    settling: (document, id, outcome, save) =>
      owing(document, save, { until: 0, effect: id, isOf: (e) => e.id === id, outcome }),
    owes: (document, id) => debts.get(document)?.some(({ effect }) => effect === id) ?? false,
    stop: () => {
      isServing = false
    },
  }
}
