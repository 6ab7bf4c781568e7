import type { Document } from 'mongodb'
import { MongoClient } from 'mongodb'
import { makeSeal } from '../../../src/crypto/seal.ts'
import { StoreError } from '../../../src/ports/store.ts'
import { openMongoStore } from '../../../src/stores/mongodb/index.ts'
import type { MongoStore, MongoStoreOptions } from '../../../src/stores/mongodb/index.ts'
import type { OfficeTimes } from '../../../src/stores/mongodb/office.ts'
import type { Harness } from '../../contract/store.ts'
import { testKey } from '../../support/lowdb-harness.ts'

/** A lease that tests need not wait for. */
export const shortTimes: OfficeTimes = { lease: 60, beat: 20, margin: 10, look: 5, comeBack: 30 }

let count = 0
/** A database that nobody else uses. */
export const newName = (): string => `t${String(process.pid)}-${String(++count)}`

/** Opens the store on a database and takes office. */
export async function openAndTake(
  url: string,
  options: Partial<MongoStoreOptions> = {},
  signal = AbortSignal.timeout(20_000),
): Promise<MongoStore> {
  const store = await openMongoStore({ url, key: () => Promise.resolve(testKey), times: shortTimes, ...options })
  try {
    await store.office.take(signal)
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}

/** The MongoDB store in a process that dies between any two steps: before a call is sent, or when it is done and not answered yet. */
export function mongoHarness(server: () => string): () => Promise<Harness> {
  return () => {
    const database = newName()
    const url = server() + database
    let left = Infinity
    let isDead = false
    let current: MongoStore | undefined
    const hook = (): void => {
      if (--left <= 0) isDead = true
      if (isDead) throw new StoreError('dead', 'the process is dead')
    }
    const letGo = async (): Promise<void> => {
      await current?.close()
      current = undefined
    }
    return Promise.resolve({
      async open(options = {}) {
        await letGo()
        const death = new AbortController()
        const onTrouble = (): void => {
          if (isDead) death.abort(new StoreError('dead', 'the process is dead'))
        }
        current = await openAndTake(url, { now: () => 1_700_000_000_000, hook, onTrouble, ...options }, death.signal)
        return current
      },
      dieAt: (step) => {
        left = step
      },
      isDead: () => isDead,
      async crash() {
        isDead = true
        await letGo()
        isDead = false
        left = Infinity
      },
      readable: () => readable(server(), database),
      async dispose() {
        isDead = false
        left = Infinity
        await letGo()
      },
    })
  }
}

/** What anybody who has the key can read in the inbox. */
export async function readable(server: string, database: string): Promise<string> {
  const client = await MongoClient.connect(server)
  try {
    const rows: Document[] = await client.db(database).collection('inbox').find().toArray()
    const box = makeSeal(testKey).of('inbox')
    return rows
      .map(({ _id, keyId, sealed }) =>
        typeof sealed === 'string' ? box.open(String(keyId), String(_id), Buffer.from(sealed, 'base64')) : '',
      )
      .join('\n')
  } finally {
    await client.close()
  }
}
