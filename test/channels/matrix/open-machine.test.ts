import { expect } from 'chai'
import { DeviceLists, RequestType } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { CryptoStore } from '../../../src/channels/matrix/crypto-store/open-crypto-store.ts'
import { openMachine } from '../../../src/channels/matrix/open-machine.ts'
import type { Machine } from '../../../src/channels/matrix/open-machine.ts'
import { Folder } from './crypto-store/folder.ts'
import { answer, open } from './crypto-store/indexed-db.ts'

const us = { userId: '@imok:test', deviceId: 'IMOK' }
const NAME = 'matrix-sdk-crypto'

/** What other devices know us by, and the one-time keys that we are going to offer. */
async function keysOf({ olm }: Machine): Promise<unknown> {
  const upload = (await olm.outgoingRequests()).find(({ type }) => type === RequestType.KeysUpload)
  const { one_time_keys } = JSON.parse(upload?.body ?? '{}') as { one_time_keys: Record<string, { key: string }> }
  return {
    ed25519: olm.identityKeys.ed25519.toBase64(),
    curve25519: olm.identityKeys.curve25519.toBase64(),
    oneTime: Object.entries(one_time_keys).map(([id, { key }]) => `${id} ${key}`),
    signing: (await olm.crossSigningStatus()).hasMaster && (await olm.exportCrossSigningKeys())?.masterKey,
  }
}

describe('an OlmMachine in the crypto store', function () {
  this.timeout(30_000)
  let folder: Folder
  let store: CryptoStore
  beforeEach(async () => {
    folder = new Folder()
    store = await folder.open()
  })
  afterEach(() => folder.remove())

  it('is the same after each restart, and only for the same user and device', async () => {
    let machine = await openMachine({ store, ...us })
    await machine.olm.bootstrapCrossSigning(true)
    const before = await keysOf(machine)
    expect(before).to.have.property('oneTime').with.length(50)
    for (let life = 0; life < 3; life++) {
      machine.close()
      expect(() => machine.olm.identityKeys).to.throw()
      store = await folder.open()
      const other = openMachine({ store, ...us, deviceId: 'OTHER' })
      expect(String(await other.catch((error: unknown) => error))).to.include('account')
      machine = await openMachine({ store, ...us })
      expect(await keysOf(machine)).to.deep.equal(before)
    }
  })

  it('says nothing on standard output or the console', async () => {
    const { stdout, stderr } = process
    const writes = [stdout.write, stderr.write]
    const said: unknown[] = []
    const content = {
      algorithm: 'm.olm.v1.curve25519-aes-sha2',
      sender_key: 'x',
      ciphertext: { y: { type: 0, body: 'z' } },
    }
    const strange = JSON.stringify([{ type: 'm.room.encrypted', sender: '@asha:test', content }])
    stdout.write = stderr.write = (text: unknown) => (said.push(text), true)
    try {
      const machine = await openMachine({ store, ...us })
      await keysOf(machine)
      await machine.olm.receiveSyncChanges(strange, new DeviceLists(), new Map())
      machine.close()
    } finally {
      ;[stdout.write, stderr.write] = writes as [typeof stdout.write, typeof stderr.write]
    }
    expect(said).to.deep.equal([])
  })

  it('goes on in memory when the disk fails; what it was before is there after a crash, and what it became after mending', async () => {
    let left = Infinity
    const hook = (point: string): void => {
      if (point === 'append:written' && left-- <= 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
    }
    let machine = await openMachine({ store, ...us })
    const before = await keysOf(machine)
    machine.close()
    store = await folder.open({ hook })
    machine = await openMachine({ store, ...us })
    left = 0
    await machine.olm.bootstrapCrossSigning(true)
    const after = await keysOf(machine)
    expect(after).to.have.property('signing').that.is.a('string')
    expect(folder.failures).to.deep.equal(['ENOSPC'])
    const crashed = folder.copy()
    left = Infinity
    expect(await store.mend()).to.equal(true)
    machine.close()
    for (const [path, keys] of [
      [crashed, before],
      [folder.path, after],
    ] as const) {
      store = await folder.open({ folder: path })
      machine = await openMachine({ store, ...us })
      expect(await keysOf(machine)).to.deep.equal(keys)
      machine.close()
    }
  })

  it('goes on with an upgrade of its databases wherever that was cut off', async () => {
    const versions = new Set<number>()
    let isDone = false
    for (let steps = 0; !isDone; steps++) {
      const path = folder.beside(`cut after ${steps}`)
      isDone = await cutAfter(steps, path)
      store = await folder.open({ folder: path })
      const db = await open(store, NAME)
      versions.add(db.version)
      db.close()
      const machine = await openMachine({ store, ...us })
      const before = await keysOf(machine)
      machine.close()
      store = await folder.open({ folder: path })
      const again = await openMachine({ store, ...us })
      expect(await keysOf(again), `cut after ${steps}`).to.deep.equal(before)
      again.close()
    }
    expect(versions.size).to.be.greaterThan(15)
  })

  it('keeps what it had through an upgrade of its databases', async () => {
    let machine = await openMachine({ store, ...us })
    await machine.olm.bootstrapCrossSigning(true)
    const before = await keysOf(machine)
    machine.close()
    const db = await open(store, NAME)
    const newest = db.version
    const records = new Map<string, [unknown[], unknown[]]>()
    for (const name of db.objectStoreNames) {
      const found = db.transaction(name).objectStore(name)
      records.set(name, [await answer(found.getAllKeys()), await answer(found.getAll())])
    }
    db.close()

    // As the wasm of some years ago left it, with what was there put into it.
    const path = await cutAt(100)
    const old = await folder.open({ folder: path })
    const oldDb = await open(old, NAME)
    expect(oldDb.version).to.equal(100)
    for (const name of oldDb.objectStoreNames) {
      const [keys = [], values = []] = records.get(name) ?? []
      const transaction = oldDb.transaction(name, 'readwrite')
      for (const [i, key] of keys.entries()) await answer(transaction.objectStore(name).put(values[i], key))
    }
    oldDb.close()
    for (let life = 0; life < 2; life++) {
      store = await folder.open({ folder: path })
      machine = await openMachine({ store, ...us })
      expect(await keysOf(machine)).to.deep.equal(before)
      machine.close()
      const upgraded = await open(store, NAME)
      expect(upgraded.version).to.equal(newest)
      upgraded.close()
    }
  })

  /** A folder in which the wasm's upgrades were cut off when the databases had this version. */
  async function cutAt(version: number): Promise<string> {
    for (let steps = 1; ; steps++) {
      const path = folder.beside(`cut after ${steps}`)
      await cutAfter(steps, path)
      store = await folder.open({ folder: path })
      const db = await open(store, NAME)
      db.close()
      if (db.version >= version) return path
    }
  }

  /** True if it was done before it could be cut off. */
  async function cutAfter(steps: number, path: string): Promise<boolean> {
    let left = steps
    const hook = (point: string): void => {
      // What a kill is for the disk: nothing more, of anything.
      if (point === 'append:start' && left-- <= 0) throw Object.assign(new Error('cut'), { code: 'foreign-write' })
    }
    store = await folder.open({ folder: path, hook })
    const machine = await openMachine({ store, ...us }).catch(() => undefined)
    machine?.close()
    return machine !== undefined
  }
})
