import type { Address } from '../../core/address.ts'
import { MINUTE } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import type { Seal } from '../../crypto/seal.ts'
import type { Addresses } from '../../ports/store.ts'
import type { Row, Rows } from './rows.ts'
import { sealedJson } from './sealed-json.ts'
import type { Sealed } from './sealed-json.ts'

/** Between the address and the member whose it is no more time passes than this, unless the kernel died. */
const ORPHANED = 10 * MINUTE

/** The address lies sealed in it, for whoever must carry all of them to another store. */
export interface AddressRow extends Row, Sealed {
  /** Of the channel and the address, under the data key: nobody reads from it whose number this is. */
  _id: string
  member: string
  at: Instant
}

export interface MongoAddresses extends Addresses {
  /** Frees addresses of members that were never saved. */
  sweep: (isThere: (member: string) => Promise<boolean>) => Promise<void>
  /** All of them. Throws `Undecryptable` at one that cannot be read. */
  every: () => AsyncIterable<{ address: Address; member: string }>
}

export function mongoAddresses(options: { rows: Rows<AddressRow>; seal: Seal; now: () => Instant }): MongoAddresses {
  const { rows, seal, now } = options
  const box = sealedJson(seal, 'addresses')
  const names = ({ channel, address }: Address): [string, ...string[]] => seal.names('address', `${channel}:${address}`)

  const lookUp = async (address: Address): Promise<AddressRow | undefined> => {
    for (const name of names(address)) {
      const row = await rows.find(name)
      if (row) return row
    }
    return undefined
  }

  return {
    find: async (address) => (await lookUp(address))?.member,
    assign: async ({ channel, address }, member) => {
      const known = await lookUp({ channel, address })
      if (known) return known.member === member
      const [_id] = names({ channel, address })
      const there = await rows.insert({ _id, member, at: now(), ...box.seal(_id, { channel, address }) })
      return (there?.member ?? member) === member
    },
    release: async (address) => {
      for (const name of names(address)) await rows.remove(name)
    },
    async *every() {
      for await (const { _id, member, ...sealed } of rows.walk({}))
        yield { address: box.open(_id, sealed) as Address, member }
    },
    sweep: async (isThere) => {
      for await (const { _id, member, at, nonce } of rows.walk({}))
        if (at < now() - ORPHANED && !(await isThere(member))) await rows.remove(_id, { nonce } as Partial<AddressRow>)
    },
  }
}
