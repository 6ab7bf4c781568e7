import { expect } from 'chai'
import type { Store } from '../../src/ports/store.ts'
import { aDocument, aMessage, anItem } from './store.ts'

/** What may be true of each thing: one value once a call was answered, two after one that was not. */
type Possible = Map<string, unknown[]>

export interface Witness {
  /** A life with a bit of everything, several calls at a time. Calls may fail. */
  live(store: Store): Promise<void>
  /** Compares what is there with what was promised. From then on what it saw is a promise. */
  check(store: Store): Promise<void>
}

const phone = (n: number) => ({ channel: 'sms' as const, address: `+44770090000${n}` })
const items = ['x', 'y', 'z', 'late']
const effects = ['e1', 'e2', 'e3']

export function witness(): Witness {
  const possible: Possible = new Map()
  const call = async (key: string, value: unknown, work: () => Promise<unknown>): Promise<void> => {
    const before = possible.get(key) ?? [undefined]
    possible.set(key, [...before, value])
    try {
      const answer = await work()
      possible.set(key, [value === 'its answer' ? answer : value])
    } catch {
      // Not answered: both remain possible.
    }
  }
  const answered = (key: string): boolean => possible.get(key)?.length === 1
  const mustBe = (key: string, value: unknown): void => {
    expect(possible.get(key) ?? [undefined], key).to.deep.include(value)
    possible.set(key, [value])
  }

  return {
    async live(store) {
      const { documents, inbox, addresses, sent } = store
      const save = async (id: string, version: number, wakeAt?: number): Promise<void> => {
        const document = aDocument(id, version, wakeAt === undefined ? {} : { wakeAt })
        await call(id, document, () => documents.write(document))
      }
      const put = async (id: string): Promise<void> => call(id, 'pending', () => inbox.put(anItem(id)))
      const append = async (id: string): Promise<void> => call(id, 'its answer', () => sent.append(id, aMessage(id)))
      const assign = async (n: number, to: string): Promise<void> =>
        call(`phone ${n}`, to, async () => {
          if (!(await addresses.assign(phone(n), to))) throw new Error("it is somebody else's")
        })

      await Promise.all([save('a', 1), save('b', 1, 5), put('x'), put('y'), assign(1, 'a'), append('e1')])
      await Promise.all([save('a', 2, 7), save('c', 1), put('z'), assign(2, 'b'), append('e2')])
      await Promise.all([
        call('b', undefined, () => documents.erase('b', 1)),
        // Asked only about what was answered: a dead process, too, says "nothing to do" about what it does not know.
        answered('x') && call('x', 'done', () => inbox.done('x')),
        answered('y') && call('y', 'failed once', () => inbox.failed('y')),
        answered('phone 1') && call('phone 1', undefined, () => addresses.release(phone(1))),
        append('e3'),
      ])
      await Promise.all([save('a', 3), put('late')])
      await assign(1, 'c')
    },

    async check({ documents, inbox, addresses, sent, damage }) {
      for (const id of ['a', 'b', 'c']) mustBe(id, await documents.read(id))
      const due = (await Promise.all(['a', 'b', 'c'].map((id) => documents.read(id)))).flatMap((d) =>
        d?.wakeAt ? [d.id] : [],
      )
      expect((await documents.due(100, 100)).map(({ id }) => id).sort()).to.deep.equal(due)
      for (const n of [1, 2]) mustBe(`phone ${n}`, await addresses.find(phone(n)))

      const pending = await inbox.pending()
      for (const id of items) {
        const item = pending.find((one) => one.id === id)
        if (item) expect(item).to.deep.equal(anItem(id, item.failures ? { failures: item.failures } : {}))
        const isKnown = (await inbox.put(anItem(id))) === 'duplicate'
        if (item) expect(isKnown, `${id} is in the queue and unknown`).to.equal(true)
        mustBe(id, item ? (item.failures ? 'failed once' : 'pending') : isKnown ? 'done' : undefined)
        // It was put just now.
        if (!isKnown) possible.set(id, ['pending'])
      }
      expect(new Set(pending.map(({ id }) => id)).size, 'twice in the queue').to.equal(pending.length)

      const listed = await sent.list(0)
      expect(listed.map(({ n }) => n)).to.deep.equal([...new Set(listed.map(({ n }) => n))].sort((a, b) => a - b))
      for (const id of effects) {
        const n = await sent.append(id, aMessage(id))
        const entry = listed.find(({ text }) => text === id)
        const [promised] = possible.get(id) ?? []
        if (entry) expect(n).to.equal(entry.n)
        if (typeof promised === 'number') expect(entry?.n, `the number of ${id}`).to.equal(promised)
        possible.set(id, [n])
      }
      expect(damage.filter(({ id }) => !['inbox', 'addresses', 'sent'].includes(id))).to.deep.equal([])
    },
  }
}
