import type { Person } from '../core/address.ts'
import type { Order } from '../core/commands/order.ts'
import type { Text } from '../core/texts.ts'
import { text } from '../core/texts.ts'
import type { Duration, Instant } from '../core/time.ts'
import { MINUTE, SECOND } from '../core/time.ts'
import type { InboxItem } from '../ports/inbox.ts'
import type { House } from './house.ts'

/** Of the kernel's clock: a yes that comes later answers something else. */
const OPEN: Duration = 10 * MINUTE
/** So far apart the clocks of two kernels may be, either of which may have taken it in. */
const CLOCKS: Duration = 2 * SECOND
/** Characters of an answer that can be a text to a phone; what is longer is no quick word. */
const LONGEST = 480

type Say = Extract<Order, { type: 'say' }>

/**
 * Who answers a member's words in the room often means the member. Only `say` reaches them, so it is offered. The offers are in memory: after a
 * death a yes is talk again, and the words were not sent, which the missing "Sent to Mo" shows.
 */
export interface SayOffers {
  /** Talk that is an answer to a member's words: the offer to send it. */
  offer: (
    item: InboxItem,
    by: Person,
    words: string,
    replyTo: string | number,
    at: Instant,
  ) => Promise<Text | undefined>
  /** What this admin's yes sends. The same item gets the same answer however often it is tried; another yes gets none. */
  accept: (item: InboxItem, by: Person, words: string, now: Instant) => Say | undefined
}

interface Offer {
  say: Say
  at: Instant
  /** The inbox items of what was answered by the offer, and of the yes to it. */
  madeFor: string
  acceptedBy?: string
}

export function createSayOffers(house: House): SayOffers {
  const offers = new Map<string, Offer>()

  /** The open alarm of whoever said what is answered. */
  const numberOf = async (message: string): Promise<{ number: number; name: string } | undefined> => {
    for (const { id } of house.overview.incidents()) {
      const member = await house.members.read(id)
      const isTheirs = member?.effects.some(
        (e) => e.providerId === message && (e.purpose === 'words' || e.purpose === 'alert'),
      )
      if (member?.incident && isTheirs) return { number: member.incident.number, name: member.name }
    }
    return undefined
  }

  return {
    offer: async (item, by, words, replyTo, at) => {
      const said = words.trim()
      if (said === '' || said.length > LONGEST) return undefined
      const found = await numberOf(String(replyTo))
      if (!found) return undefined
      offers.set(by.id, { say: { type: 'say', incident: found.number, words: said }, at, madeFor: item.id })
      return text('order.say-offer', { name: found.name, number: found.number })
    },
    accept: (item, by, words, now) => {
      if (!/^\s*yes[.!]?\s*$/i.test(words)) return undefined
      const found = offers.get(by.id)
      if (!found || found.madeFor === item.id) return undefined
      // By when it came: it may have waited, and what was written before the offer was made answers something else.
      const age = Math.min(item.receivedAt, now) - found.at
      if (age >= -CLOCKS && age <= OPEN) found.acceptedBy ??= item.id
      return found.acceptedBy === item.id ? found.say : undefined
    },
  }
}
