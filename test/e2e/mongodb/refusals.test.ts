// What is no database of ours is left as it is, and the operator is told in one sentence what to do.
import { createSecretKey, randomBytes } from 'node:crypto'
import { expect } from 'chai'
import type { Db } from 'mongodb'
import { MongoServerError } from 'mongodb'
import { KeyError } from '../../../src/crypto/data-key.ts'
import { StoreError } from '../../../src/ports/store.ts'
import { openMongoStore } from '../../../src/stores/mongodb/index.ts'
import type { MongoStore } from '../../../src/stores/mongodb/index.ts'
import { asStoreError } from '../../../src/stores/mongodb/wire.ts'
import { aDocument, anItem } from '../../contract/store.ts'
import { testKey } from '../../support/lowdb-harness.ts'
import { newName, openAndTake } from './harness.ts'
import { startStandIn } from './stand-in.ts'
import { useStandIn } from './use-stand-in.ts'

const key = () => Promise.resolve(testKey)

interface Refusal {
  error: unknown
  code: string
  message: string
}

async function refusal(url: string, makeKey: (holdsData: boolean) => Promise<typeof testKey> = key): Promise<Refusal> {
  return openMongoStore({ url, key: makeKey }).then(
    async (store) => {
      await store.close()
      throw new Error('it was opened')
    },
    (error: unknown) => {
      const { code = '', message = '' } = error as Partial<Refusal>
      return { error, code, message }
    },
  )
}

describe('The database', () => {
  const { server, client } = useStandIn()

  describe('A database that is not for us', () => {
    const contentOf = async (db: Db): Promise<Record<string, unknown[]>> => {
      const all: Record<string, unknown[]> = {}
      for (const { name } of await db.listCollections().toArray())
        all[name] = await db.collection(name).find().sort({ _id: 1 }).toArray()
      return all
    }
    /** Refused with this code, in a sentence that says this, and nothing has changed. */
    const leaves = async (name: string, code: string, said: RegExp, makeKey = key): Promise<void> => {
      const before = await contentOf(client().db(name))
      const found = await refusal(server().url(name), makeKey)
      expect(found.error).to.be.instanceOf(StoreError)
      expect(found.code).to.equal(code)
      expect(found.message).to.match(said)
      expect(await contentOf(client().db(name))).to.deep.equal(before)
    }

    it('holds the data of something else', async () => {
      const name = newName()
      await client().db(name).collection('customers').insertOne({ name: 'somebody' })
      await leaves(name, 'mongodb-not-ours', /holds something else \(customers\).*have one made that is empty/)
    })

    for (const collection of ['documents', 'jobs', 'meta'])
      it(`holds somebody else's rows under a name of ours, or a part of a backup: ${collection}`, async () => {
        const name = newName()
        await client().db(name).collection(collection).insertOne({ name: 'somebody' })
        const said = new RegExp(`holds something in ${collection}, and nothing says.*put back the whole backup`)
        await leaves(name, 'mongodb-not-ours', said)
      })

    it('lies under the key of another group', async () => {
      const name = newName()
      const store = await openAndTake(server().url(name))
      await store.documents.write(aDocument('m1', 1))
      await store.close()
      await leaves(name, 'wrong-key', /sealed with another key.*nothing was changed: give the key of this group/, () =>
        Promise.resolve(createSecretKey(randomBytes(32))),
      )
    })

    it('holds data, and there is no key yet: none is made', async () => {
      const name = newName()
      await (await openAndTake(server().url(name))).close()
      const { error } = await refusal(server().url(name), (holdsData) => {
        expect(holdsData).to.equal(true)
        return Promise.reject(new KeyError('bring the key'))
      })
      expect(error).to.be.instanceOf(KeyError)
    })

    it('was written by a newer imok', async () => {
      const name = newName()
      await client()
        .db(name)
        .collection<{ _id: string }>('meta')
        .insertOne({ _id: 'store', format: 2, keyId: 'x' } as never)
      await leaves(name, 'newer-schema', /written by a newer imok: install that one/)
    })

    it('is on a server that is too old', async () => {
      const old = await startStandIn({ isOld: true })
      try {
        const error = await refusal(old.url('imok'))
        expect(error.code).to.equal('mongodb-too-old')
        expect(error.message).to.include('version 4.4 or later is needed')
      } finally {
        await old.stop()
      }
    })

    it('is behind an address that is none, or at which nobody answers; no password is repeated', async () => {
      const none = await refusal('mongodb://imok:secret@/imok')
      expect(none.code).to.equal('mongodb-address')
      const nobody = await refusal('mongodb://imok:secret@127.0.0.1:9/imok')
      expect(nobody.code).to.equal('mongodb-unreachable')
      expect(nobody.message).to.include('look whether it runs and whether the address in IMOK_MONGODB_URL is right')
      expect(none.message + nobody.message).not.to.include('secret')
    }).timeout(20_000)

    it('may not be used by this user', () => {
      const said = (code: number): string =>
        asStoreError(new MongoServerError({ code, message: 'no' }), 'insert').message
      expect(said(18)).to.include('refuses the user or the password')
      expect(said(13)).to.include('the role readWrite')
    })
  })

  it('that another kernel of ours begins in this very moment is not somebody else’s', async () => {
    const url = server().url(newName())
    let first: MongoStore | undefined
    const hook = async (point: string): Promise<void> => {
      if (point !== 'find:answered' || first) return
      first = await openAndTake(url)
      await first.documents.write(aDocument('m1', 1))
    }
    const second = await openMongoStore({ url, key, hook })
    expect((await second.documents.read('m1'))?.version).to.equal(1)
    await second.close()
    await first?.close()
  })

  describe('A record that cannot be read', () => {
    it('is set aside and named when somebody takes office; the others are there', async () => {
      const name = newName()
      const rows = client().db(name).collection<{ _id: string }>('documents')
      const first = await openAndTake(server().url(name))
      for (const id of ['a', 'b', 'c', 'd']) await first.documents.write(aDocument(id, 1, { wakeAt: 5 }))
      await first.inbox.put(anItem('sms:1'))
      await first.inbox.put(anItem('sms:2'))
      await first.close()
      await rows.updateOne({ _id: 'a' }, { $set: { sealed: 'bm90aGluZw==' } })
      await rows.updateOne({ _id: 'b' }, { $unset: { keyId: '' } } as never)
      await rows.updateOne({ _id: 'c' }, { $set: { format: 9 } })
      await client()
        .db(name)
        .collection<{ _id: string }>('inbox')
        .updateOne({ _id: 'sms:1' }, { $set: { sealed: 'bm90aGluZw==' } })

      const store = await openAndTake(server().url(name))
      const damage = Object.fromEntries(store.damage.map(({ id, what }) => [id, what]))
      expect(damage).to.deep.equal({ a: 'undecryptable', b: 'torn', c: 'newer-schema', inbox: 'undecryptable' })
      expect(await store.documents.read('a')).to.equal(undefined)
      expect((await store.documents.read('d'))?.version).to.equal(1)
      expect(await store.documents.read('c').catch((error: unknown) => (error as StoreError).code)).to.equal(
        'newer-schema',
      )
      expect((await store.inbox.pending()).map(({ id }) => id)).to.deep.equal(['sms:2'])
      const kept = await client().db(name).collection('aside').find().toArray()
      expect(kept.map(({ was }) => (was as { _id: string })._id).sort()).to.deep.equal(['a', 'b', 'sms:1'])
      await store.tidy({ done: 0, setAside: Date.now() + 1_000 })
      expect(await client().db(name).collection('aside').countDocuments()).to.equal(0)
      await store.close()
    })

    it('an address without a member is free again after a while', async () => {
      const name = newName()
      let now = 1_700_000_000_000
      const store = await openAndTake(server().url(name), { now: () => now })
      const address = { channel: 'sms', address: '+447700900001' } as const
      await store.addresses.assign(address, 'never-saved')
      await store.documents.write(aDocument('m1', 1))
      await store.addresses.assign({ ...address, address: '+447700900002' }, 'm1')
      await store.tidy({ done: 0, setAside: 0 })
      expect(await store.addresses.find(address), 'it may be saved in a moment').to.equal('never-saved')
      now += 11 * 60_000
      await store.tidy({ done: 0, setAside: 0 })
      expect(await store.addresses.find(address)).to.equal(undefined)
      expect(await store.addresses.find({ ...address, address: '+447700900002' })).to.equal('m1')
      const raw = JSON.stringify(await client().db(name).collection('addresses').find().toArray())
      expect(raw, 'no number is to be read there').not.to.include('7700900')
      await store.close()
    })

    it('keeps its address until it is forgotten itself: it may be repaired', async () => {
      const name = newName()
      let now = 1_700_000_000_000
      const address = { channel: 'sms', address: '+447700900001' } as const
      const store = await openAndTake(server().url(name), { now: () => now })
      await store.documents.write(aDocument('m1', 1))
      await store.addresses.assign(address, 'm1')
      await client()
        .db(name)
        .collection<{ _id: string }>('documents')
        .updateOne({ _id: 'm1' }, { $set: { sealed: 'bm90aGluZw==' } })
      await store.close()
      const again = await openAndTake(server().url(name), { now: () => now })
      expect(again.damage.map(({ id }) => id)).to.deep.equal(['m1'])
      now += 60 * 60_000
      await again.tidy({ done: 0, setAside: 0 })
      expect(await again.addresses.find(address), 'its record may be repaired').to.equal('m1')
      await again.tidy({ done: 0, setAside: now + 1 })
      await again.tidy({ done: 0, setAside: now + 1 })
      expect(await again.addresses.find(address)).to.equal(undefined)
      await again.close()
    })
  })
})
