// Where a story's records lie: in memory, or, to see that every story is true there as well, in a real store (STORY_STORE=lowdb, or mongodb with
// STORY_MONGODB=<address of a server>).
import type { Document, Documents, Store } from '../../src/ports/store.ts'
import { openStoreOn } from '../../src/stores/lowdb/open-store.ts'
import { Medium, openMemoryStore } from '../../src/stores/memory/index.ts'
import { DyingDisk } from './dying-disk.ts'
import { ForgetfulDisk } from './forgetful-disk.ts'
import { readable as readableInbox, testKey } from './lowdb-harness.ts'

export interface StoryStore extends Store {
  /** The process dies here: every call that has not become durable fails, and so does every later one. */
  crash(): void
  /** Something was asked of it and is not answered yet. */
  isBusy(): boolean
}

export interface StoryPlace {
  /** Opens what is durable. What was open before must be dead or closed. */
  open(now: () => number): Promise<StoryStore>
  /** Whatever anybody who has the key can read there, but for the list of what the simulator has shown. */
  readable(): Promise<string>
}

export function storyPlace(): StoryPlace {
  switch (process.env['STORY_STORE'] ?? 'memory') {
    case 'lowdb':
      return onDisk()
    case 'mongodb':
      return inMongo(process.env['STORY_MONGODB'] ?? '')
    default:
      return inMemory()
  }
}

function inMemory(): StoryPlace {
  const medium = new Medium()
  return {
    open: async (now) => {
      const store = await openMemoryStore({ medium, now })
      return counted(store, () => void store.crash())
    },
    readable: () => Promise.resolve(JSON.stringify([[...medium.documents], [...medium.pending], [...medium.done]])),
  }
}

function onDisk(): StoryPlace {
  let disk = new ForgetfulDisk()
  let process: DyingDisk | undefined
  let store: Store | undefined
  return {
    open: async (now) => {
      if (process) {
        await process.letGo()
        disk = disk.after('unsynced')
      }
      const mine = (process = new DyingDisk(disk))
      store = await openStoreOn(mine, { key: testKey, now })
      return counted(store, () => void (mine.left = 0))
    },
    readable: async () => readableInbox(disk.files()) + (await documentsOf(store)),
  }
}

function inMongo(url: string): StoryPlace {
  const opened = import('../e2e/mongodb/harness.ts').then((harness) => ({ harness, database: harness.newName() }))
  let store: Store | undefined
  return {
    open: async (now) => {
      const { harness, database } = await opened
      await store?.close()
      const life = { isOver: false }
      const mine = await harness.openAndTake(url + database, {
        now,
        hook: () => {
          if (life.isOver) throw Object.assign(new Error('the process is dead'), { code: 'DEAD' })
        },
      })
      store = mine
      return counted(mine, () => void (life.isOver = true))
    },
    readable: async () => {
      const { harness, database } = await opened
      return (await harness.readable(url, database)) + (await documentsOf(store))
    },
  }
}

async function documentsOf(store: Store | undefined): Promise<string> {
  const all: Document[] = []
  for (const kind of ['member', 'group', 'watch', 'room'] as const)
    for await (const document of store?.documents.all(kind) ?? []) all.push(document)
  return JSON.stringify(all)
}

/**
 * Who is due is asked every second of the clock, and a story's hours pass in moments: a store is asked anew only after something was written to it.
 */
function askedOnce(documents: Documents): Documents {
  let found: ReturnType<Documents['due']> | undefined
  const anew = <T>(work: Promise<T>): Promise<T> => {
    found = undefined
    return work.finally(() => (found = undefined))
  }
  return {
    read: (id) => documents.read(id),
    all: (kind) => documents.all(kind),
    write: (document) => anew(documents.write(document)),
    erase: (id, version) => anew(documents.erase(id, version)),
    due: async (until, limit) => {
      const asked = (found ??= documents.due(Infinity, 100_000))
      asked.catch(() => (found = undefined))
      return (await asked).filter(({ wakeAt }) => wakeAt <= until).slice(0, limit)
    },
  }
}

/** The store in plain objects, which a story may change, and how many calls are under way. */
function counted(store: Store, crash: () => void): StoryStore {
  let underWay = 0
  const count =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      underWay++
      try {
        return await call(...args)
      } finally {
        underWay--
      }
    }
  const all: Documents['all'] = async function* (kind) {
    const steps = store.documents.all(kind)[Symbol.asyncIterator]()
    const next = count(() => steps.next())
    for (let step = await next(); step.done !== true; step = await next()) yield step.value
  }
  const { inbox, addresses, sent } = store
  const documents = askedOnce(store.documents)
  return {
    documents: {
      read: count((id) => documents.read(id)),
      write: count((document) => documents.write(document)),
      erase: count((id, version) => documents.erase(id, version)),
      due: count((until, limit) => documents.due(until, limit)),
      all,
    },
    inbox: {
      put: count((item) => inbox.put(item)),
      pending: count(() => inbox.pending()),
      done: count((id) => inbox.done(id)),
      failed: count((id) => inbox.failed(id)),
    },
    addresses: {
      find: count((address) => addresses.find(address)),
      assign: count((address, member) => addresses.assign(address, member)),
      release: count((address) => addresses.release(address)),
    },
    sent: {
      append: count((id, entry) => sent.append(id, entry)),
      list: count((after) => sent.list(after)),
    },
    epoch: store.epoch,
    damage: store.damage,
    tidy: count((before) => store.tidy(before)),
    close: count(() => store.close()),
    crash,
    isBusy: () => underWay > 0,
  }
}
