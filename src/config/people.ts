import type { Address, Role } from '../core/address.ts'
import type { Admin, DutyPerson } from './config.ts'

/** An entry that could not be read: its place in the list, from 1, and what is expected of it. */
export interface BadEntry {
  n: number
  entry: string
  expected: string
}

const userId = /^@[^\s:@=,]+:[^\s@=,]+$/
const roles: readonly Role[] = ['owner', 'admin', 'read-only']
const entriesOf = (text: string): string[] => text.split(',').map((entry) => entry.trim())

/**
 * `@asha:example.org=owner,@ben:example.org`. Without a role: admin; whoever is written first is an owner. A bad entry is left out and
 * promotes nobody: if it stood first, the second is no owner for that.
 */
export function readAdmins(text: string): { admins: Admin[]; bad: BadEntry[] } {
  const admins: Admin[] = []
  const bad: BadEntry[] = []
  for (const [index, entry] of entriesOf(text).entries()) {
    const [id = '', given = 'admin', ...more] = entry.split('=').map((part) => part.trim())
    const role = roles.find((one) => one === given.toLowerCase())
    if (!userId.test(id) || !role || more.length > 0)
      bad.push({ n: index + 1, entry, expected: '@name:server, or @name:server=owner (or admin, read-only)' })
    else if (admins.some((admin) => admin.id === id)) bad.push({ n: index + 1, entry, expected: 'everybody once' })
    else admins.push({ id, role: index === 0 ? 'owner' : role })
  }
  return { admins, bad }
}

/** What duty entries can be reached by. */
export interface Reach {
  /** Reads a number in the group's region into E.164. */
  number(given: string): string | undefined
  /** Where a number is texted; undefined when nothing can text. */
  numbers?: 'sms' | 'simulator'
  telegram: boolean
}

/** `@ben:example.org=+447700900200,@asha:example.org=telegram:12345`: who is nudged, in this order. */
export function readDuty(text: string, reach: Reach): { duty: DutyPerson[]; bad: BadEntry[] } {
  const duty: DutyPerson[] = []
  const bad: BadEntry[] = []
  for (const [index, entry] of entriesOf(text).entries()) {
    const [id = '', at = '', ...more] = entry.split('=').map((part) => part.trim())
    const address = more.length === 0 && userId.test(id) ? readAddress(at, reach) : shape
    if (typeof address === 'string') bad.push({ n: index + 1, entry, expected: address })
    else if (duty.some((one) => one.address.address === address.address))
      bad.push({ n: index + 1, entry, expected: 'every phone once' })
    else duty.push({ id, address })
  }
  return { duty, bad }
}

const shape = '@name:server=+447700900200, or @name:server=telegram:12345'

/** The address, or what is expected instead. */
function readAddress(at: string, reach: Reach): Address | string {
  const chat = /^telegram:(\d{1,15})$/i.exec(at)?.[1]
  if (chat)
    return reach.telegram ? { channel: 'telegram', address: chat } : 'a number, because Telegram is not configured'
  const number = reach.number(at)
  if (!number) return shape
  return reach.numbers
    ? { channel: reach.numbers, address: number }
    : 'a telegram:… address, because nothing here can send SMS'
}
