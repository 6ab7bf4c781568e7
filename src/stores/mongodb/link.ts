import { MongoClient } from 'mongodb'
import type { Collection, Db } from 'mongodb'
import type { Duration } from '../../core/time.ts'
import { SECOND } from '../../core/time.ts'
import { StoreError } from '../../ports/store.ts'
import { asStoreError } from './wire.ts'

/** The database that an address without one means. */
const DATABASE = 'imok'

/** Enough for four texts side by side, the alarms and the clock; few enough for the smallest server. */
const POOL = 20

const CONNECT: Duration = 3 * SECOND
const HEARTBEAT: Duration = 2 * SECOND

/**
 * The driver asks its server every two seconds how it is, and gives up after three. Measured (driver 7.9.0): when a server closes the line in
 * the very moment of the question, the answer is awaited for ever, and no call gets through any more. Then everything is connected anew.
 */
const DEAF: Duration = 2 * (CONNECT + HEARTBEAT)

/** The connection to the database. What it gives out goes on working when it is connected anew. */
export interface Link {
  db: Db
  close: () => Promise<void>
}

/** Connects. Throws `StoreError`. */
export async function openLink(url: string): Promise<Link> {
  let line = await openLine(url)
  let renewing: Promise<void> | undefined
  let isClosed = false

  const renew = async (): Promise<void> => {
    const fresh = await openLine(url)
    const old = line
    line = fresh
    if (isClosed) await fresh.client.close()
    await old.client.close().catch(() => undefined)
  }
  const timer = setInterval(() => {
    if (performance.now() - line.heardAt() < DEAF) return
    // What fails is tried again in a second.
    renewing ??= renew()
      .catch(() => undefined)
      .finally(() => (renewing = undefined))
  }, SECOND)
  timer.unref()

  const named = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(url)?.[1]
  const name = named === undefined ? DATABASE : decodeURIComponent(named)
  const db = forwarding(() => line.client.db(name), {
    collection: ((of: string) => forwarding<Collection>(() => line.client.db(name).collection(of))) as Db['collection'],
  })
  return {
    db,
    close: async () => {
      isClosed = true
      clearInterval(timer)
      await line.client.close()
      await renewing
    },
  }
}

interface Line {
  client: MongoClient
  /** When the driver last said how its server is, well or not; by the steady clock. */
  heardAt: () => number
}

async function openLine(url: string): Promise<Line> {
  const client = makeClient(url)
  let heardAt = performance.now()
  const heard = (): void => void (heardAt = performance.now())
  client.on('serverHeartbeatSucceeded', heard)
  client.on('serverHeartbeatFailed', heard)
  try {
    await client.connect()
    return { client, heardAt: () => heardAt }
  } catch (error) {
    await client.close().catch(() => undefined)
    throw asStoreError(error, 'connect')
  }
}

function makeClient(url: string): MongoClient {
  try {
    return new MongoClient(url, {
      appName: 'imok',
      maxPoolSize: POOL,
      minPoolSize: 2,
      connectTimeoutMS: CONNECT,
      serverSelectionTimeoutMS: 4 * SECOND,
      socketTimeoutMS: 6 * SECOND,
      waitQueueTimeoutMS: 6 * SECOND,
      heartbeatFrequencyMS: HEARTBEAT,
      // Whatever the address says of it: what was promised must last.
      writeConcern: { w: 'majority', journal: true, wtimeoutMS: 5 * SECOND },
      readConcern: { level: 'majority' },
      readPreference: 'primary',
      retryWrites: true,
      retryReads: true,
      ignoreUndefined: false,
    })
  } catch (error) {
    const said = error instanceof Error ? error.message.replaceAll(/\/\/[^@\s]*@/g, '//…@') : 'it cannot be read'
    throw new StoreError('mongodb-address', `IMOK_MONGODB_URL is no address of a MongoDB server: ${said}`)
  }
}

/** What `now` gives at each use, under one name; `own` goes before it. */
const forwarding = <T extends object>(now: () => T, own: Partial<T> = {}): T =>
  new Proxy(own as T, {
    get: (_, name): unknown => {
      if (Object.hasOwn(own, name)) return own[name as keyof T]
      const it = now()
      const value: unknown = Reflect.get(it, name)
      return typeof value === 'function' ? (value.bind(it) as unknown) : value
    },
  })
