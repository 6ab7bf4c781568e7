// A data folder as a busy evening leaves it, written by the store itself.
import { GROUP, SCHEMA } from '../../src/app/house.ts'
import { WATCH } from '../../src/app/watch.ts'
import { builtInProtocol } from '../../src/config/built-in-protocol.ts'
import { makePolicy } from '../../src/config/protocol.ts'
import { newGroup } from '../../src/core/group/group.ts'
import type { KnownAddress } from '../../src/core/address.ts'
import type { Member } from '../../src/core/member/member.ts'
import { newMember } from '../../src/core/member/member.ts'
import { wakeAt } from '../../src/core/member/woke.ts'
import { DAY, HOUR, SECOND } from '../../src/core/time.ts'
import { loadDataKey } from '../../src/crypto/data-key.ts'
import type { Store } from '../../src/ports/store.ts'
import { openLowdbStore } from '../../src/stores/lowdb/index.ts'

const retention = { sessions: DAY, incidents: 30 * DAY }
const policy = makePolicy(builtInProtocol, { speed: 1, emergencyNumber: '999', retention })
const AT_ONCE = 64

/** When somebody is due, and where. */
export interface Deadline {
  at: number
  place: string
}

/** The n-th member who is out, as the alert names them. */
export const nameOf = (n: number): string => `Walker ${String(n).padStart(5, '0')}`
/** Their phone, a simulated one. */
export const walkersPhone = (n: number): string => `+4477008${String(n).padStart(5, '0')}`
/** The n-th member who writes SMS while the others become overdue. */
export const texter = (n: number): string => `+4477007${String(n).padStart(5, '0')}`

const walker = (n: number, now: number, { at, place }: Deadline): Member => {
  const address: KnownAddress = { channel: 'simulator', address: walkersPhone(n) }
  const member = newMember({
    id: `walker${String(n)}`,
    name: nameOf(n),
    language: 'en',
    addresses: [address],
    status: 'confirmed',
  })
  return {
    ...member,
    notes: 'Blue car, registration AB12 CDE; carries a satellite messenger; asthma, inhaler in the left pocket.',
    lastHeard: { at: now - HOUR, via: 'simulator' },
    outcomes: ['on-time', 'on-time', 'forgot', 'on-time'],
    session: {
      id: `session${String(n)}`,
      kind: 'timed',
      openedAt: now - HOUR,
      dueAt: at,
      place,
      reminders: [],
      reminded: [],
    },
  }
}

async function insert(store: Store, member: Member): Promise<void> {
  const body = { ...member, version: 1 }
  const wake = wakeAt(body, policy)
  const document = { id: member.id, kind: 'member', schema: SCHEMA, version: 1, body } as const
  await store.documents.write({ ...document, ...(wake !== undefined && { wakeAt: wake }) })
  for (const address of member.addresses) await store.addresses.assign(address, member.id)
}

/** The embedded store in a folder. */
export const embedded = async (folder: string): Promise<Store> =>
  openLowdbStore({ folder, key: await loadDataKey(folder) })

/** Writes members with open sessions, one for each deadline, and members who write; closes the store. */
export async function prepare(store: Store, deadlines: readonly Deadline[], texters: number): Promise<void> {
  const now = Date.now()
  const works = [
    ...deadlines.map((deadline, n) => () => insert(store, walker(n, now, deadline))),
    ...Array.from({ length: texters }, (_, n) => () => {
      const addresses: KnownAddress[] = [{ channel: 'sms', address: texter(n) }]
      const it = { id: `texter${String(n)}`, name: `Texter ${String(n)}`, language: 'en', addresses }
      return insert(store, newMember({ ...it, status: 'confirmed' }))
    }),
  ]
  let next = 0
  const lane = async (): Promise<void> => {
    for (let work = works[next++]; work; work = works[next++]) await work()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  // Somebody watched until a moment ago, as before a restart.
  const watched = { id: WATCH, version: 1, watchedUntil: now - SECOND }
  await store.documents.write({ id: WATCH, kind: 'watch', schema: 1, version: 1, body: watched })
  await store.documents.write({
    id: GROUP,
    kind: 'group',
    schema: SCHEMA,
    version: 1,
    body: { ...newGroup(GROUP), version: 1 },
  })
  await store.close()
}
