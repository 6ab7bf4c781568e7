import type { Address } from '../../core/address.ts'
import type { Addresses } from '../../ports/store.ts'
import type { Journal, Kept } from './journal.ts'
import { makeTurns } from '../turns.ts'

export type AddressRecord = { assign: Address; to: string } | { release: Address }

const keyOf = ({ channel, address }: Address): string => `${channel}:${address}`
/** About what an address takes in a snapshot, in bytes. */
const RECORD_BYTES = 160

/** Whose is which address. In a journal, not one big document: assigning costs the same however many there are, and damage costs one. */
export class AddressState implements Kept<AddressRecord> {
  readonly #members = new Map<string, { address: Address; to: string }>()

  apply(record: AddressRecord): void {
    if ('assign' in record) this.#members.set(keyOf(record.assign), { address: record.assign, to: record.to })
    else this.#members.delete(keyOf(record.release))
  }

  clear(): void {
    this.#members.clear()
  }

  *snapshot(): Generator<AddressRecord> {
    for (const { address, to } of this.#members.values()) yield { assign: address, to }
  }

  worth(): number {
    return this.#members.size * RECORD_BYTES
  }

  memberOf(address: Address): string | undefined {
    return this.#members.get(keyOf(address))?.to
  }
}

export function makeAddresses(state: AddressState, journal: Journal<AddressRecord>): Addresses {
  const turns = makeTurns()
  return {
    find: (address) => Promise.resolve(state.memberOf(address)),
    assign: ({ channel, address }, memberId) =>
      turns.take(keyOf({ channel, address }), async () => {
        const owner = state.memberOf({ channel, address })
        if (owner === undefined) await journal.append({ assign: { channel, address }, to: memberId })
        return (owner ?? memberId) === memberId
      }),
    release: ({ channel, address }) =>
      turns.take(keyOf({ channel, address }), async () => {
        if (state.memberOf({ channel, address }) !== undefined) await journal.append({ release: { channel, address } })
      }),
  }
}
