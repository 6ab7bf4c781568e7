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
/** Until a majority has a write. */
const WRITTEN: Duration = 5 * SECOND
const HEARTBEAT: Duration = 2 * SECOND

/**
 * The driver asks its server every two seconds how it is, and gives up after three: it says something every five. Measured (driver 7.9.0): when a
 * server closes the line in the very moment of the question, the answer is awaited for ever, and no call gets through any more. Then everything is
 * connected anew.
 */
const DEAF: Duration = CONNECT + HEARTBEAT + SECOND

/** How often it is looked. */
const LOOKED: Duration = SECOND

/**
 * Whether nothing was heard for so long; asked every second, with the moment and when the server was last heard. While a kernel stood still itself (its machine
 * was asleep, the process stopped) it could hear nothing: to connect anew because of that would break off the calls that are on their way.
 */
export function createDeafness(): (now: number, heardAt: number) => boolean {
  let before = -Infinity
  let awakeSince = -Infinity
  return (now, heardAt) => {
    if (now - before > 2 * LOOKED) awakeSince = now
    before = now
    return now - Math.max(heardAt, awakeSince) >= DEAF
  }
}

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
  const isDeaf = createDeafness()
  const timer = setInterval(() => {
    if (!isDeaf(performance.now(), line.heardAt())) return
    // What fails is tried again in a second.
    renewing ??= renew()
      .catch(() => undefined)
      .finally(() => (renewing = undefined))
  }, LOOKED)
  timer.unref()

  const db = forwarding(() => line.db, {
    collection: ((of: string) => forwarding(() => line.collection(of))) as Db['collection'],
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
  db: Db
  /** The driver makes each anew: a hundred thousand in a busy minute. */
  collection: (name: string) => Collection
  /** When the driver last said how a server is, well or not: of the one of which it has said nothing for longest. By the steady clock. */
  heardAt: () => number
}

async function openLine(url: string): Promise<Line> {
  const client = makeClient(url)
  const named = /^mongodb(?:\+srv)?:\/\/[^/?]+\/([^?]+)/.exec(url)?.[1]
  const db = client.db(named === undefined ? DATABASE : decodeURIComponent(named))
  const collections = new Map<string, Collection>()
  const collection = (of: string): Collection => {
    const known = collections.get(of) ?? db.collection(of)
    collections.set(of, known)
    return known
  }
  // Each server of a replica set is asked by itself.
  const heard = new Map<string, number>()
  const hear = ({ connectionId }: { connectionId: string }): void => void heard.set(connectionId, performance.now())
  client.on('serverHeartbeatSucceeded', hear)
  client.on('serverHeartbeatFailed', hear)
  client.on('serverClosed', ({ address }) => void heard.delete(address))
  try {
    await client.connect()
    return { client, db, collection, heardAt: () => Math.min(performance.now(), ...heard.values()) }
  } catch (error) {
    await client.close().catch(() => undefined)
    throw asStoreError(error, 'connect')
  }
}

function makeClient(url: string): MongoClient {
  try {
    const client = new MongoClient(url, {
      appName: 'imok',
      maxPoolSize: POOL,
      minPoolSize: 2,
      connectTimeoutMS: CONNECT,
      serverSelectionTimeoutMS: 4 * SECOND,
      socketTimeoutMS: 6 * SECOND,
      waitQueueTimeoutMS: 6 * SECOND,
      heartbeatFrequencyMS: HEARTBEAT,
      // Whatever the address says of it: what was promised must last.
      writeConcern: { w: 'majority', journal: true, wtimeoutMS: WRITTEN },
      readConcern: { level: 'majority' },
      readPreference: 'primary',
      retryWrites: true,
      retryReads: true,
      ignoreUndefined: false,
    })
    const { readConcern, writeConcern } = client.options
    const { w, journal, wtimeoutMS } = writeConcern
    if (readConcern.level !== 'majority' || w !== 'majority' || journal !== true || wtimeoutMS !== WRITTEN)
      throw new Error('take readConcernLevel, w, journal and wtimeoutMS out of it, imok sets them itself')
    return client
  } catch (error) {
    const said = error instanceof Error ? error.message.replaceAll(/\/\/[^@\s]*@/g, '//…@') : 'it cannot be read'
    throw new StoreError('mongodb-address', `IMOK_MONGODB_URL is no address of a MongoDB server: ${said}`)
  }
}

/** What `now` gives at each use, under one name; `own` goes before it. */
export const forwarding = <T extends object>(now: () => T, own: Partial<T> = {}): T =>
  new Proxy(own as T, {
    get: (_, name): unknown => {
      if (Object.hasOwn(own, name)) return own[name as keyof T]
      const it = now()
      const value: unknown = Reflect.get(it, name)
      return typeof value === 'function' ? (value.bind(it) as unknown) : value
    },
  })
