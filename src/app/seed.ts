import type { Address } from '../core/address.ts'
import { newMember } from '../core/member/member.ts'
import type { Store } from '../ports/store.ts'
import type { House } from './house.ts'

/**
 * Makes the first member of a store that has none, so that there is somebody to try imok with. The address is assigned first: a
 * member without an address could never write, and nobody would notice. What a start that died in between left is begun anew.
 */
export async function seedMember(
  store: Store,
  house: { members: Pick<House['members'], 'insert'> },
  first: { id: string; name: string; language: string; address: Address },
): Promise<void> {
  const { id, name, language, address } = first
  for await (const _ of store.documents.all('member')) return
  // A record that could not be read is set aside: whoever it was is not replaced.
  if (store.damage.length > 0) return
  if ((await store.addresses.find(address)) !== undefined) await store.addresses.release(address)
  await store.addresses.assign(address, id)
  await house.members.insert(newMember({ id, name, language, addresses: [address], status: 'confirmed' }))
}
