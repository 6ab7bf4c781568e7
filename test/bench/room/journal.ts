// What the crypto store keeps on the disk over many messages, and how soon it is open again.
import { mkdtemp, rm } from 'node:fs/promises'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { createSecretKey } from 'node:crypto'
import { openCryptoStore } from '../../../src/channels/matrix/crypto-store/open-crypto-store.ts'
import { identitiesOf } from '../../../src/channels/matrix/identities.ts'
import { ensureIdentity } from '../../../src/channels/matrix/identity/ensure-identity.ts'
import { createKeys } from '../../../src/channels/matrix/keys.ts'
import { openMachine } from '../../../src/channels/matrix/open-machine.ts'
import { sendOutgoing } from '../../../src/channels/matrix/outgoing-requests.ts'
import { systemClock } from '../../../src/clock/system-clock.ts'
import { makeSeal } from '../../../src/crypto/seal.ts'
import { FakeHomeserver } from '../../support/fake-homeserver.ts'
import { BOT } from '../../channels/matrix/identity/bot.ts'
import { phoneOf } from '../../channels/matrix/identity/room.ts'

const ROOM = '!room:example.org'
const WITHIN = 10_000

export interface Journal {
  /** Bytes at the end of each thousand messages, and at most. */
  sizes: number[]
  largest: number
  files: number
  /** Milliseconds for one message: keys, ratchet and journal. */
  each: number
  /** Milliseconds from nothing to a machine that can go on. */
  opening: number
}

const bytesIn = (folder: string): number =>
  readdirSync(folder).reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0)

/** Messages to a room of so many admins, each with one phone. */
export async function journal(parent: string, messages: number, admins: number): Promise<Journal> {
  const folder = await mkdtemp(path.join(parent, 'imok-bench-journal-'))
  const seal = makeSeal(createSecretKey(Buffer.alloc(32, 'of no value at all')))
  const open = () => openCryptoStore({ folder, seal, onFailure: (code) => process.stderr.write(`${code}\n`) })
  try {
    const server = new FakeHomeserver()
    const users = Array.from({ length: admins }, (_, n) => `@admin${String(n)}:example.org`)
    for (const user of users) await phoneOf(server, user)
    const store = await open()
    const { olm: machine } = await openMachine({ store, userId: BOT, deviceId: 'BOT' })
    const api = server.api(BOT, 'BOT')
    await ensureIdentity({ machine, api, store }, undefined)
    const pump = (): Promise<unknown> => sendOutgoing(machine, api)
    const identities = identitiesOf(machine)
    const keys = createKeys({
      machine,
      api,
      identities,
      mayRead: () => true,
      mayBeBehind: false,
      pump,
      clock: systemClock(),
    })
    await keys.shareAhead(ROOM, [...users, BOT])
    const sizes: number[] = []
    let [largest, files] = [0, 0]
    const began = performance.now()
    for (let n = 1; n <= messages; n++) {
      const content = { msgtype: 'm.text', body: `#${String(n)} OVERDUE, unconfirmed: somebody` }
      await keys.encrypt(ROOM, [...users, BOT], 'm.room.message', content, WITHIN)
      if (n % 100 === 0) {
        largest = Math.max(largest, bytesIn(folder))
        files = Math.max(files, readdirSync(folder).length)
      }
      if (n % 1_000 === 0) sizes.push(bytesIn(folder))
    }
    const each = (performance.now() - began) / messages
    await store.idle()
    machine.close()
    store.close()
    const opening = performance.now()
    const again = await open()
    const { olm } = await openMachine({ store: again, userId: BOT, deviceId: 'BOT' })
    const opened = performance.now() - opening
    olm.close()
    again.close()
    return { sizes, largest, files, each, opening: opened }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
