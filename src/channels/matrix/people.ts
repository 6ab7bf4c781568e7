import type { Person } from '../../core/address.ts'
import type { Admin } from './options.ts'
import type { RoomRecord } from './room-record.ts'
import type { RoomState } from './room-state.ts'

/** `@asha:example.org` → `Asha`: for whoever has no display name. */
export function localName(id: string): string {
  const local = /^@([^:]+):/.exec(id)?.[1] ?? id
  return local.charAt(0).toUpperCase() + local.slice(1)
}

/** An admin as people are shown them. A display name is the server's word: two who bear the same are told apart by their id. */
export function personOf(admin: Admin, admins: readonly Admin[], state: RoomState): Person {
  const name = state.nameOf(admin.id)
  const twins = admins.some(
    (other) => other.id !== admin.id && state.nameOf(other.id).toLowerCase() === name.toLowerCase(),
  )
  return { id: admin.id, name: twins ? `${name} (${admin.id})` : name, role: admin.role }
}

/** Whose messages may act and who is written to: on the list, in the room, not locked, with the identity that we know. */
export function trusted(
  admins: readonly Admin[],
  state: RoomState,
  record: RoomRecord,
  masterKeyOf: (user: string) => string | undefined,
): string[] {
  return admins
    .map(({ id }) => id)
    .filter((id) => state.isJoined(id) && record.locked[id] === undefined)
    .filter((id) => {
      const pin = record.pins[id]
      return pin !== undefined && pin.masterKey === masterKeyOf(id)
    })
}
