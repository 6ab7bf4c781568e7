// Where a story's records lie: in memory, or, to see that every story is true there as well, in a real store (STORY_STORE=lowdb, or mongodb with
// STORY_MONGODB=<address of a server>).
import { HOUR } from '../../src/core/time.ts'
import type { Instant } from '../../src/core/time.ts'
import { StoreError } from '../../src/ports/store.ts'
import type { Document, Documents, Store } from '../../src/ports/store.ts'
import type { OfficeTimes } from '../../src/stores/mongodb/office.ts'
import { openStoreOn } from '../../src/stores/lowdb/open-store.ts'
import { Medium, openMemoryStore } from '../../src/stores/memory/index.ts'
import { DyingDisk } from './dying-disk.ts'
import { ForgetfulDisk } from './forgetful-disk.ts'
import { readable as readableInbox, testKey } from './lowdb-harness.ts'

/**
 * A story's kernel is alone, and its hours pass in moments: whose term it is does not matter there, and beats of real time would only get in the way of
 * hundreds of stories.
 */
const noBeats: OfficeTimes = { lease: 1, beat: HOUR, margin: 1, look: 1, comeBack: 1 }

export interface StoryStore extends Store {
  /** The process dies here: every call that has not become durable fails, and so does every later one. */
  crash(): void
  /** While something was asked of it and is not answered yet: until the next answer. */
  answers(): Promise<unknown> | undefined
}

export interface StoryPlace {
  /** Opens what is durable. What was open before must be dead or closed. */
  open(now: () => number): Promise<StoryStore>
  /** Whatever anybody who has the key can read there, but for the list of what the simulator has shown. */
  readable(): Promise<string>
}

export function storyPlace(): StoryPlace {
  const place = process.env['STORY_STORE'] ?? 'memory'
  switch (place) {
    case 'memory':
      return inMemory()
    case 'lowdb':
      return onDisk()
    case 'mongodb':
      return inMongo(process.env['STORY_MONGODB'] ?? '')
    default:
      throw new Error(`STORY_STORE is ${place}; there are memory, lowdb and mongodb`)
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

/** What stories have opened on a server. Whoever is dead there goes on holding lines and asking how the server is, until it is closed. */
const openStores = new Set<Store>()

/** Between one story and the next. */
export async function closeStores(): Promise<void> {
  await Promise.all([...openStores].map((store) => store.close()))
  openStores.clear()
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
        times: noBeats,
        hook: () => {
          if (life.isOver) throw Object.assign(new Error('the process is dead'), { code: 'DEAD' })
        },
      })
      openStores.add((store = mine))
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
 * Who is due is asked every second of the clock, and a story's hours pass in moments: the store is asked when somebody can be due by then, and whether
 * somebody can is asked anew only after something was written.
 */
function askedWhenDue(documents: Documents): Documents {
  let found: Promise<Instant> | undefined
  const anew = <T>(work: Promise<T>): Promise<T> => {
    found = undefined
    return work.finally(() => (found = undefined))
  }
  const soonest = async (): Promise<Instant> => (await documents.due(Infinity, 1))[0]?.wakeAt ?? Infinity
  return {
    read: (id) => documents.read(id),
    all: (kind) => documents.all(kind),
    write: (document) => anew(documents.write(document)),
    erase: (id, version) => anew(documents.erase(id, version)),
    due: async (until, limit) => {
      const asked = (found ??= soonest())
      asked.catch(() => (found = undefined))
      return (await asked) > until ? [] : documents.due(until, limit)
    },
  }
}

/**
 * The store in plain objects, which a story may change; how many calls are under way; and its death, which is that of all of it. A server works on
 * many calls at once, and its answers are handed out in the order of the questions: who of those that are due at the same moment is first is nobody's
 * promise, but a story tells it one way.
 */
function counted(store: Store, crash: () => void): StoryStore {
  let underWay = 0
  let isDead = false
  let answered = Promise.withResolvers<undefined>()
  let turn: Promise<unknown> = Promise.resolve()
  const refuseDead = (): void => {
    if (isDead) throw new StoreError('crashed', 'the process is gone')
  }
  const count =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      refuseDead()
      underWay++
      try {
        const answer = call(...args)
        const before = turn
        turn = Promise.allSettled([before, answer])
        await before
        return await answer
      } finally {
        underWay--
        answered.resolve(undefined)
        answered = Promise.withResolvers<undefined>()
        refuseDead()
      }
    }
  const all: Documents['all'] = async function* (kind) {
    const steps = store.documents.all(kind)[Symbol.asyncIterator]()
    const next = count(() => steps.next())
    for (let step = await next(); step.done !== true; step = await next()) yield step.value
  }
  const { inbox, addresses, sent } = store
  const documents = askedWhenDue(store.documents)
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
    crash: () => {
      isDead = true
      crash()
    },
    answers: () => (underWay > 0 ? answered.promise : undefined),
  }
}
