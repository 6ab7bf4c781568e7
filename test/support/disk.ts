// A disk that fills up under a story's store, and a room on another machine that does not mind.
import type { Room } from '../../src/ports/channel.ts'
import type { Store } from '../../src/ports/store.ts'
import { StoreError } from '../../src/ports/store.ts'

export class Disk {
  /** The code of the error that every write meets. */
  trouble: 'ENOSPC' | 'EROFS' | undefined

  /** `store: disk.under` in a story's options. Reading goes on: a full disk can be read. */
  readonly under = (store: Store): Store => {
    const { documents, inbox, addresses, sent } = store
    return {
      ...store,
      close: () => store.close(),
      documents: {
        read: (id) => documents.read(id),
        due: (until, limit) => documents.due(until, limit),
        all: (kind) => documents.all(kind),
        write: async (document) => (this.check(), documents.write(document)),
        erase: async (id, version) => (this.check(), documents.erase(id, version)),
      },
      inbox: {
        pending: () => inbox.pending(),
        put: async (item) => (this.check(), inbox.put(item)),
        done: async (id) => (this.check(), inbox.done(id)),
        failed: async (id) => (this.check(), inbox.failed(id)),
      },
      addresses: {
        find: (address) => addresses.find(address),
        assign: async (address, member) => (this.check(), addresses.assign(address, member)),
        release: async (address) => (this.check(), addresses.release(address)),
      },
      sent: {
        list: (after) => sent.list(after),
        append: async (id, entry) => (this.check(), sent.append(id, entry)),
      },
    }
  }

  private check(): void {
    if (this.trouble) throw new StoreError(this.trouble, `cannot write: ${this.trouble}`)
  }
}

/** A room as Matrix is one: its server keeps one message for each id, whatever our disk does. `room: elsewhere.instead`. */
export class Elsewhere {
  readonly said: { id: string; text: string; at: number }[] = []
  now: () => number = () => 0

  readonly instead = (): Room => ({
    send: ({ id, text }) => {
      if (!this.said.some((s) => s.id === id)) this.said.push({ id, text, at: this.now() })
      return Promise.resolve({ readers: 3 })
    },
    showBoard: () => Promise.resolve(),
    readers: () => 3,
  })

  times(pattern: RegExp): number {
    return this.said.filter(({ text }) => pattern.test(text)).length
  }
}
