import type { Instant } from '../../core/time.ts'
import { REMEMBERED } from '../../ports/inbox.ts'
import type { Inbox, InboxItem } from '../../ports/inbox.ts'
import { StoreError } from '../../ports/store.ts'
import type { Addresses, SentLog, SimulatedMessage, Store } from '../../ports/store.ts'
import { memoryDocuments } from './documents.ts'
import { Medium } from './medium.ts'

export { Medium } from './medium.ts'

export interface MemoryOptions {
  /** What an earlier store left. */
  medium?: Medium
  now?: () => Instant
  /** Called before and after each write becomes durable (`save:start`, `save:durable` …). What it throws makes the write fail. */
  hook?: (point: string) => void | Promise<void>
}

export interface MemoryStore extends Store {
  /** A copy of what would survive a power cut now. */
  snapshot(): Medium
  /** The process dies here: every call that has not become durable fails, and so does every later one. What survived is returned. */
  crash(): Medium
}

/** Makes a change durable: all of it or nothing. */
export type Commit = <T>(point: string, change: () => T) => Promise<T>

/** A store for tests with the contract of the real ones. Nothing lasts longer than the medium. */
export async function openMemoryStore(options: MemoryOptions = {}): Promise<MemoryStore> {
  const { medium = new Medium(), now = Date.now, hook = () => undefined } = options
  let trouble: StoreError | undefined
  const alive = (): void => {
    if (trouble) throw trouble
  }
  const commit: Commit = async (point, change) => {
    alive()
    try {
      await hook(`${point}:start`)
      alive()
      const result = change()
      await hook(`${point}:durable`)
      alive()
      return result
    } catch (error) {
      throw asFailure(error)
    }
  }
  const epoch = await commit('term', () => ++medium.epoch)
  return {
    documents: memoryDocuments(medium, commit, alive),
    inbox: inbox(medium, commit, alive, now),
    addresses: addresses(medium, commit, alive),
    sent: sentLog(medium, commit, alive),
    epoch,
    damage: [],
    tidy: ({ done }) =>
      commit('tidy', () => {
        for (const [id, { at }] of medium.done) if (at < done) medium.done.delete(id)
      }),
    snapshot: () => medium.copy(),
    crash() {
      trouble = new StoreError('crashed', 'the process is gone')
      return medium
    },
    close() {
      trouble ??= new StoreError('closed', 'the store is closed')
      return Promise.resolve()
    },
  }
}

/** An error of the disk, injected by a hook, reaches callers as the port promises. */
function asFailure(error: unknown): unknown {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && !(error instanceof StoreError)
    ? new StoreError(code, `cannot write: ${code}`, { cause: error })
    : error
}

function inbox(medium: Medium, commit: Commit, alive: () => void, now: () => Instant): Inbox {
  const knows = (id: string): boolean => {
    const at = medium.seen.get(id)
    return medium.pending.has(id) || (at !== undefined && now() - at <= REMEMBERED)
  }
  return {
    async put(item) {
      alive()
      const text = JSON.stringify(item)
      if (knows(item.id)) return 'duplicate'
      return commit('inbox', () => {
        if (knows(item.id)) return 'duplicate'
        medium.pending.set(item.id, text)
        medium.seen.set(item.id, item.receivedAt)
        return 'stored'
      })
    },
    async pending() {
      alive()
      return Promise.resolve([...medium.pending.values()].map((text) => JSON.parse(text) as InboxItem))
    },
    async done(id) {
      await commit('inbox', () => {
        const text = medium.pending.get(id)
        if (text !== undefined) medium.done.set(id, { at: now(), text })
        medium.pending.delete(id)
      })
    },
    failed: (id) =>
      commit('inbox', () => {
        const text = medium.pending.get(id)
        if (text === undefined) return 0
        const item = JSON.parse(text) as InboxItem
        const failures = (item.failures ?? 0) + 1
        medium.pending.set(id, JSON.stringify({ ...item, failures }))
        return failures
      }),
  }
}

function addresses(medium: Medium, commit: Commit, alive: () => void): Addresses {
  const keyOf = ({ channel, address }: { channel: string; address: string }): string => `${channel}:${address}`
  return {
    async find(address) {
      alive()
      return Promise.resolve(medium.addresses.get(keyOf(address)))
    },
    assign: (address, memberId) =>
      commit('addresses', () => {
        const owner = medium.addresses.get(keyOf(address)) ?? memberId
        medium.addresses.set(keyOf(address), owner)
        return owner === memberId
      }),
    async release(address) {
      await commit('addresses', () => medium.addresses.delete(keyOf(address)))
    },
  }
}

function sentLog(medium: Medium, commit: Commit, alive: () => void): SentLog<SimulatedMessage> {
  return {
    append(effectId, entry) {
      const text = JSON.stringify(entry)
      return commit('sent', () => {
        const n =
          medium.sent.findIndex((sent) => sent.effectId === effectId) + 1 || medium.sent.push({ effectId, text })
        return n
      })
    },
    async list(after) {
      alive()
      const entries = medium.sent.map(({ text }, i) => ({ ...(JSON.parse(text) as SimulatedMessage), n: i + 1 }))
      return Promise.resolve(entries.slice(Math.max(0, after)))
    },
  }
}
