import type { Instant } from '../../core/time.ts'
import type { Seal } from '../../crypto/seal.ts'
import { REMEMBERED } from '../../ports/inbox.ts'
import type { Inbox, InboxItem } from '../../ports/inbox.ts'
import type { Damage } from '../../ports/store.ts'
import type { Row, Rows } from './rows.ts'
import { sealedJson } from './sealed-json.ts'
import type { Sealed } from './sealed-json.ts'
import type { SetAside } from './set-aside.ts'

/** Rows asked for at a time. Those whose time has come are removed one after the other: nothing waits for it. */
const PORTION = 1_000

/** The item lies sealed in it until it is done. */
export interface InboxRow extends Row, Partial<Sealed> {
  _id: string
  /** Microseconds since 1970, counted up for each item of this kernel: the order in which they came. */
  order: number
  receivedAt: Instant
  done: boolean
  failures: number
}

export interface MongoInbox extends Inbox {
  /** Sets aside what waits and cannot be read. */
  inspect: () => Promise<Damage[]>
  /** Forgets the ids that nobody asks about any more. */
  forget: () => Promise<void>
  /** What waits, oldest first. Throws `Undecryptable` at one that cannot be read. */
  waiting: () => Promise<InboxItem[]>
  /** What is done and still known. */
  remembered: () => AsyncIterable<{ id: string; receivedAt: Instant }>
  /** Puts what is known to be done. */
  remember: (id: string, receivedAt: Instant) => Promise<void>
}

export function mongoInbox(options: {
  rows: Rows<InboxRow>
  setAside: SetAside
  seal: Seal
  now: () => Instant
}): MongoInbox {
  const { rows, setAside, seal, now } = options
  const box = sealedJson(seal, 'inbox')
  let lastOrder = 0
  const nextOrder = (): number => (lastOrder = Math.max(lastOrder + 1, Date.now() * 1_000))

  const rowOf = (item: InboxItem): InboxRow => {
    const { failures = 0, ...rest } = item
    return {
      _id: item.id,
      order: nextOrder(),
      receivedAt: item.receivedAt,
      done: false,
      failures,
      ...box.seal(item.id, rest),
    }
  }

  const opened = ({ _id, keyId = '', sealed = '', failures }: InboxRow): InboxItem => {
    const item = box.open(_id, { keyId, sealed }) as InboxItem
    return failures > 0 ? { ...item, failures } : item
  }

  /** Undefined if nobody can read it: it must not hide the others. */
  const itemOf = (row: InboxRow): InboxItem | undefined => {
    try {
      return opened(row)
    } catch {
      return undefined
    }
  }

  const waiting = (): Promise<InboxRow[]> => rows.list({ done: false }, { sort: { order: 1 } })

  return {
    put: async (item) => {
      // Taken now: what the caller does to the item afterwards is not our business, and the order is that of the calls.
      const row = rowOf(item)
      for (;;) {
        const there = await rows.insert(row)
        if (!there) return 'stored'
        if (!there.done || now() - there.receivedAt <= REMEMBERED) return 'duplicate'
        const { _id, ...again } = row
        if (await rows.change(_id, { nonce: there.nonce } as Partial<InboxRow>, again)) return 'stored'
      }
    },
    pending: async (known) => {
      if (!known) return (await waiting()).flatMap((row) => itemOf(row) ?? [])
      const ids = (await rows.list({ done: false }, { sort: { order: 1 }, fields: ['order'] })).map(({ _id }) => _id)
      // Asked once: what becomes known or unknown meanwhile must not fall out of the list.
      const found = new Map(ids.map((id) => [id, known(id)]))
      const unknown = ids.filter((id) => !found.get(id))
      for (let n = 0; n < unknown.length; n += PORTION)
        for (const row of await rows.list({ _id: { $in: unknown.slice(n, n + PORTION) } })) {
          const item = row.done ? undefined : itemOf(row)
          if (item) found.set(item.id, item)
        }
      return ids.flatMap((id) => found.get(id) ?? [])
    },
    inspect: async () => {
      const damage: Damage[] = []
      for (const listed of await waiting()) {
        const row = await rows.ifStill(listed, (it) => !it.done && !itemOf(it))
        if (row) damage.push({ id: 'inbox', what: 'undecryptable', setAside: await setAside(rows, row) })
      }
      return damage
    },
    done: async (id) => {
      await rows.change(id, { done: false }, { done: true }, ['sealed'])
    },
    failed: async (id) => {
      for (;;) {
        const row = await rows.find(id)
        if (!row) return 0
        if (row.done) return row.failures
        const failures = row.failures + 1
        if (await rows.change(id, { done: false, failures: row.failures }, { failures })) return failures
      }
    },
    forget: async () => {
      const isOld = { done: true, receivedAt: { $lt: now() - REMEMBERED } }
      for (;;) {
        const old = await rows.list(isOld, { limit: PORTION, fields: ['receivedAt'] })
        for (const { _id } of old) await rows.remove(_id, { done: true })
        if (old.length < PORTION) return
      }
    },
    waiting: async () => (await waiting()).map(opened),
    async *remembered() {
      for await (const { _id, receivedAt } of rows.walk({ done: true })) yield { id: _id, receivedAt }
    },
    remember: async (id, receivedAt) => {
      await rows.insert({ _id: id, order: 0, receivedAt, done: true, failures: 0 })
    },
  }
}
