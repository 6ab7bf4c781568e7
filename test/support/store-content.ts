// A store with a group in it, and what anybody sees who looks into a store: the same before and after it was copied.
import type { Address } from '../../src/core/address.ts'
import type { Document, Store } from '../../src/ports/store.ts'
import { aMessage, anItem } from '../contract/store.ts'

/** When the group was last at work. */
const THEN = 1_700_000_000_000

const kinds: Document['kind'][] = ['member', 'group', 'watch', 'room']
const addressOf = (n: number): Address => ({
  channel: n % 3 === 0 ? 'telegram' : 'sms',
  address: n % 3 === 0 ? String(4_711_000 + n) : `+4477009${String(n).padStart(5, '0')}`,
})

/** A body as the kernel writes them: nested, with the words of people in any script, and of any length. */
const bodyOf = (n: number, version: number, random: () => number): unknown => ({
  name: ['Mo Member', 'Zoë Ångström', 'محمد', '李 🦉'][n % 4],
  note: 'x'.repeat(Math.floor(random() * random() * 4_000)),
  session: random() < 0.5 ? null : { since: THEN - Math.floor(random() * 1e7), minutes: [n, version / 3, -0.5] },
  effects: Array.from({ length: Math.floor(random() * 4) }, (_, i) => ({
    id: `m${String(n)}:${String(version)}:${String(i)}`,
    claim: { epoch: n, until: THEN + n },
  })),
})

/** Fills it by the calls that a kernel makes: what was saved several times, what is done, what failed and waits. */
export async function fillStore(store: Store, members: number, random: () => number): Promise<void> {
  const save = async (id: string, kind: Document['kind'], n: number): Promise<void> => {
    const versions = 1 + Math.floor(random() * 3)
    for (let version = 1; version <= versions; version++) {
      const wakeAt = version === versions && random() < 0.7 ? { wakeAt: THEN + Math.floor(random() * 1e6) } : {}
      await store.documents.write({ id, kind, schema: 1, version, ...wakeAt, body: bodyOf(n, version, random) })
    }
  }
  for (let n = 0; n < members; n++) {
    await save(`m${String(n)}`, 'member', n)
    await store.addresses.assign(addressOf(n), `m${String(n)}`)
    await store.inbox.put(anItem(`sms:SM${String(n)}`, { receivedAt: THEN + n, sender: `sms:${String(n % 7)}` }))
    if (n % 4 !== 0) await store.inbox.done(`sms:SM${String(n)}`)
    else if (n % 8 === 0) await store.inbox.failed(`sms:SM${String(n)}`)
    await store.sent.append(`m${String(n)}:1:0`, aMessage(`text ${String(n)}`))
  }
  for (const kind of kinds.slice(1)) await save(kind, kind, 0)
  await store.documents.erase('m1', (await store.documents.read('m1'))?.version ?? 0)
  await store.addresses.release(addressOf(1))
}

/** All that the store's own interface shows of `fillStore`. Ids that are known are told by putting them again. */
export async function contentOf(store: Store, members: number): Promise<unknown> {
  const documents: Document[] = []
  for (const kind of kinds) for await (const document of store.documents.all(kind)) documents.push(document)
  const numbers = Array.from({ length: members }, (_, n) => n)
  const pending = await store.inbox.pending()
  return {
    documents: documents.sort((a, b) => (a.id < b.id ? -1 : 1)),
    due: await store.documents.due(Infinity, 10_000),
    pending,
    known: await Promise.all(numbers.map((n) => store.inbox.put(anItem(`sms:SM${String(n)}`, { receivedAt: THEN })))),
    owners: await Promise.all(numbers.map((n) => store.addresses.find(addressOf(n)))),
    sent: await store.sent.list(0),
    again: await store.sent.append('m2:1:0', aMessage('again')),
  }
}
