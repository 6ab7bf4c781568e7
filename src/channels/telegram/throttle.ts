import { urgencies } from '../../core/effect.ts'
import type { Urgency } from '../../core/effect.ts'
import { SECOND } from '../../core/time.ts'
import type { Duration } from '../../core/time.ts'
import { SendError } from '../../ports/channel.ts'
import type { Clock } from '../../ports/clock.ts'

/** Telegram's limits (core.telegram.org/bots/faq): about 30 messages a second in all, one a second in a chat, short bursts tolerated. */
const WINDOW: Duration = SECOND
const OVERALL = 30
/** Kept free for alerts, so that one leaves at once in the middle of a broadcast. */
const RESERVED = 5
/** A claim outlives an attempt of 20 s, of which 15 s belong to the request. */
export const LONGEST_WAIT: Duration = 4 * SECOND

interface Waiter {
  chat: string
  urgency: Urgency
  go: () => void
}

/** Lets messages leave at the pace that Telegram allows, alerts first. */
export interface Throttle {
  /** Resolves when the message may leave. Throws a refused `SendError` when that would take longer than 4 s. */
  turn(chat: string, urgency: Urgency): Promise<void>
}

export function throttle(clock: Clock): Throttle {
  /** What left within the last second. */
  const recent: Waiter[] = []
  /** By urgency, then by arrival. */
  const waiting: Waiter[] = []
  /** How many were sent back since nobody waited: they are told to come back one after another. */
  let turnedAway = 0

  const mayGo = ({ chat, urgency }: Waiter): boolean => {
    if (urgency === 'alert')
      return recent.length < OVERALL && !recent.some((r) => r.chat === chat && r.urgency === 'alert')
    return recent.length < OVERALL - RESERVED && !recent.some((r) => r.chat === chat)
  }
  const leave = (waiter: Waiter): void => {
    recent.push(waiter)
    void clock.pause(WINDOW).then(() => {
      recent.splice(recent.indexOf(waiter), 1)
      letGo()
    })
    waiter.go()
  }
  const letGo = (): void => {
    for (const waiter of [...waiting]) {
      if (recent.length >= OVERALL) break
      if (!mayGo(waiter)) continue
      waiting.splice(waiting.indexOf(waiter), 1)
      leave(waiter)
    }
    if (waiting.length === 0) turnedAway = 0
  }
  const turnAway = (): SendError => {
    turnedAway += 1
    const wait = Math.ceil((waiting.length + turnedAway) / (OVERALL - RESERVED)) * WINDOW
    return new SendError('refused', 'telegram-throttled', { wait })
  }

  return {
    turn(chat, urgency) {
      return new Promise((resolve, reject) => {
        const waiter: Waiter = { chat, urgency, go: resolve }
        if (mayGo(waiter)) {
          leave(waiter)
          return
        }
        const ahead = waiting.filter((w) => rank(w) <= rank(waiter)).length
        if (ahead >= ((OVERALL - RESERVED) * LONGEST_WAIT) / WINDOW) {
          reject(turnAway())
          return
        }
        const cancel = clock.every(LONGEST_WAIT, () => {
          cancel()
          waiting.splice(waiting.indexOf(waiter), 1)
          reject(turnAway())
        })
        waiter.go = () => {
          cancel()
          resolve()
        }
        waiting.splice(ahead, 0, waiter)
      })
    },
  }
}

const rank = (waiter: Waiter): number => urgencies.indexOf(waiter.urgency)
