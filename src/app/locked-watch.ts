import type { Address, MemberChannel } from '../core/address.ts'
import type { DutyPerson } from '../core/group/group.ts'
import { clock as clockText, text } from '../core/texts.ts'
import type { Duration, Instant } from '../core/time.ts'
import { MINUTE, SECOND } from '../core/time.ts'
import type { Channel } from '../ports/channel.ts'
import { SendError } from '../ports/channel.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log, Metrics } from '../ports/log.ts'
import type { Renderer } from '../ports/texts.ts'
import { codeOf } from './due-loop.ts'

/** How often the log says it, and whoever could not be reached is tried again. Real milliseconds, like all here: what a locked kernel tells is for people and their day. */
const SAY: Duration = MINUTE
/** How often whoever is on duty is told while somebody is overdue. */
const TELL: Duration = 10 * MINUTE
/** An operator who restarts imok and unlocks it at once is not texted. */
const GRACE: Duration = MINUTE

/** What a kernel that has no data key can still do for those who are out: count them, and tell those who can unlock it. */
export interface LockedWatch {
  start: () => void
  /** Nothing is told any more when it resolves. */
  stop: () => Promise<void>
  count: () => { out: number; overdue: number }
}

export function createLockedWatch(options: {
  /** When the time of each open session is over; undefined: nobody knows. */
  due: readonly Instant[] | undefined
  /** Whether another kernel watches them, as far as can be seen. Absent: there is no other. */
  isWatched?: () => boolean
  /** The moment of that list: it is not earlier now, whatever the machine's clock says. */
  notBefore?: Instant | undefined
  duty: readonly DutyPerson[]
  channels: ReadonlyMap<MemberChannel, Pick<Channel, 'send'>>
  texts: Renderer
  language: string
  /** What to do, for the log. */
  todo: string
  /** What was taken in and is sealed. */
  taken: () => number
  clock: Clock
  log: Log
  metrics: Metrics
}): LockedWatch {
  const { due, isWatched = () => false, channels, texts, language, todo, taken, clock, log, metrics } = options
  const addresses = options.duty.flatMap((person) => person.addresses)
  const ahead = Math.max(0, (options.notBefore ?? 0) - clock.now())
  const now = (): Instant => clock.now() + ahead
  /** Since when nobody watches, as far as is known. */
  let began = now()
  let wasWatched = false
  /** The last attempt at each address. */
  const told = new Map<Address, { at: Instant; urgent: boolean; failed: boolean }>()
  const underWay = new Map<Address, Promise<void>>()
  const offs: (() => void)[] = []

  const count = (): { out: number; overdue: number } => ({
    out: due?.length ?? 0,
    overdue: due?.filter((at) => at <= now()).length ?? 0,
  })
  const since = (at: Instant): Duration => (now() - at) / clock.speed

  const say = (): void => {
    const { out, overdue } = count()
    const unknown = wasWatched ? 'another kernel watches' : 'nobody knows who is out'
    const known = due ? `${String(out)} out, ${String(overdue)} overdue` : unknown
    log.error(`locked; ${known}; unlock: ${todo}`, { taken: taken() })
  }

  /** Somebody is overdue, or may be for all that is known. */
  const isUrgent = (): boolean => (due ? count().overdue > 0 : since(began) >= GRACE)

  const isDue = (address: Address): boolean => {
    const before = told.get(address)
    const urgent = isUrgent()
    if (!before) return urgent || (count().out > 0 && since(began) >= GRACE)
    if (urgent && !before.urgent) return true
    return before.failed ? since(before.at) >= SAY : urgent && since(before.at) >= TELL
  }

  const tell = async (address: Address): Promise<void> => {
    const at = now()
    const attempt = { at, urgent: isUrgent(), failed: false }
    told.set(address, attempt)
    try {
      const channel = channels.get(address.channel)
      if (!channel) throw new SendError('impossible', 'no-such-channel')
      await channel.send({
        id: `locked:${String(at)}:${String(addresses.indexOf(address))}`,
        to: address,
        text: texts.render([text('nudge.locked', { at: clockText(at) })], language),
        choices: [],
        urgency: 'alert',
        validity: TELL,
        since: at,
      })
    } catch (error) {
      const trouble = error instanceof SendError ? error : undefined
      log.error('somebody on duty could not be told that imok is locked', { code: trouble?.trouble ?? codeOf(error) })
      // What cannot work need not be tried every minute.
      attempt.failed = trouble?.kind !== 'dead' && trouble?.kind !== 'impossible'
    }
  }

  /** Each alone: who cannot be reached holds up nobody. */
  const tellAll = (): void => {
    for (const address of wasWatched ? [] : addresses) {
      if (underWay.has(address) || !isDue(address)) continue
      underWay.set(
        address,
        tell(address).finally(() => underWay.delete(address)),
      )
    }
  }

  /** While another kernel watches nobody is woken; what is said of it changes at once. */
  const look = (): void => {
    const isNow = isWatched()
    if (isNow) began = now()
    if (isNow === wasWatched) return
    wasWatched = isNow
    told.clear()
    say()
  }

  const publish = (): void => {
    metrics.set('imok_locked', 1)
    metrics.set('imok_watching', 0)
    metrics.set('imok_locked_overdue', count().overdue)
  }

  return {
    count,
    start: () => {
      say()
      publish()
      tellAll()
      offs.push(
        clock.every(SAY, say),
        clock.every(SECOND, () => {
          look()
          publish()
          tellAll()
        }),
      )
    },
    stop: async () => {
      for (const off of offs.splice(0)) off()
      metrics.set('imok_locked', 0)
      metrics.set('imok_locked_overdue', 0)
      await Promise.all(underWay.values())
    },
  }
}
