import type { Address, Person } from '../core/address.ts'
import type { MemberField, Order } from '../core/commands/order.ts'
import { parseDuration } from '../core/duration.ts'
import type { Ordered } from '../core/member/event.ts'
import type { Text } from '../core/texts.ts'
import { text } from '../core/texts.ts'
import type { Duration, Zone } from '../core/time.ts'
import { HOUR, MINUTE } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { InboxItem } from '../ports/inbox.ts'
import type { Addresses } from '../ports/store.ts'
import type { RoomPeople } from '../ports/channel.ts'
import type { House } from './house.ts'
import type { Watched } from './outages.ts'
import type { Others } from './standby-watch.ts'
import type { UntilSaved } from './unsaved.ts'

/** A value for a member's field, ready for the transition; or why it cannot be. */
export type Checked = { value: string; duration?: Duration; address?: Address } | { refused: Text }

/** What orders need besides their words. */
export interface OrderContext {
  house: House
  addresses: Addresses
  clock: Clock
  zone: Zone
  languages: readonly string[]
  groupName: string
  groupLanguage: string
  /** Reads a phone number in the group's region, into E.164. */
  number: (given: string) => string | undefined
  /** Where an invited number is written to: SMS, or the simulator when there is no SMS channel. */
  phoneChannel: (number: string) => 'sms' | 'simulator'
  /** A personal link to our Telegram bot; undefined when there is none. */
  telegramLink: (token: string) => string | undefined
  newId: () => string
  /** Whether an order that was found in the inbox at start had changed a member before the death. */
  wasObeyed: (inboundId: string) => boolean
  /** On whom an order was tried that is not over: it may be tried again, and have been saved all the same. By the order's id. */
  tried: Map<string, string>
  /** What orders mean that are not over: those about a member from when they wait for what came before from that member. By the order's id. */
  settled: Map<string, Order>
  untilSaved: UntilSaved
  longestWords: number
  /** Who may read and give orders; undefined where there is nobody to tell apart. */
  people: () => RoomPeople | undefined
  /** Absent: this kernel is alone. */
  others?: Others
  /** Every way in, for `doctor`. */
  ways: () => readonly Watched[]
  /** What is wrong with the kernel itself. */
  ailments: () => readonly string[]
  check: (field: MemberField, value: string, member: string) => Promise<Checked>
}

/** The phone with this number, E.164, as we write to it. */
export const phoneAt = ({ phoneChannel }: Pick<OrderContext, 'phoneChannel'>, number: string): Address => ({
  channel: phoneChannel(number),
  address: number,
})

/** What all orders to a member have in common. */
export function ordering(
  { clock }: Pick<OrderContext, 'clock'>,
  item: InboxItem,
  by: Person,
): Omit<Ordered, 'order' | 'fresh'> {
  const at = clock.now()
  return { type: 'ordered', at, saidAt: Math.min(item.receivedAt, at), inboundId: item.id, by }
}

/** Checks values for `edit` against what only the app knows: languages, lengths, whose number it is. */
export function createCheck(
  options: Pick<OrderContext, 'addresses' | 'languages' | 'number' | 'phoneChannel'>,
): OrderContext['check'] {
  const { addresses, languages, number } = options
  return async (field, value, member) => {
    const bad: Checked = { refused: text('order.bad-value', { field, given: value.slice(0, 40) }) }
    if (field === 'language') return languages.includes(value.toLowerCase()) ? { value } : bad
    if (field === 'duration') {
      const duration = parseDuration(/^\d+$/.test(value) ? `${value}m` : value)
      return duration !== undefined && duration >= MINUTE && duration <= 12 * HOUR ? { value, duration } : bad
    }
    if (field !== 'number') return { value }
    const given = number(value)
    if (given === undefined) return { refused: text('order.bad-number', { given: value.slice(0, 40) }) }
    const address = phoneAt(options, given)
    const owner = await addresses.find(address)
    if (owner !== member && !(await addresses.assign(address, member))) return { refused: text('order.number-taken') }
    return { value: given, address }
  }
}
