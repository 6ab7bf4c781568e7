// What the embedded store does on this machine, beside what its disk does: `node test/bench/store.ts [folder]`.
// The figures depend on the disk; a folder on the disk that will be used tells the truth.
import { execFileSync } from 'node:child_process'
import { fdatasyncSync, openSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadDataKey } from '../../src/crypto/data-key.ts'
import { openLowdbStore } from '../../src/stores/lowdb/index.ts'
import type { Store } from '../../src/ports/store.ts'

const DOCUMENTS = 10_000
/** About what a member with an open session takes. */
const BODY = 4_000

const body = (n: number): unknown => ({ n, session: { state: 'open' }, padding: 'x'.repeat(BODY) })
const quantile = (times: number[], q: number): string => {
  const sorted = times.toSorted((a, b) => a - b)
  return `${(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0).toFixed(2)} ms`
}
const show = (what: string, figure: string): void => console.log(`${what.padEnd(58)} ${figure}`)
const spread = (times: number[]): string =>
  `p50 ${quantile(times, 0.5)}, p99 ${quantile(times, 0.99)}, max ${quantile(times, 1)}`

async function timed(times: number[], work: () => Promise<unknown>): Promise<void> {
  const started = performance.now()
  await work()
  times.push(performance.now() - started)
}

/** Does `work` for 0 … count - 1 with so many at once; returns how many a second. */
async function flood(
  count: number,
  atOnce: number,
  times: number[],
  work: (n: number) => Promise<unknown>,
): Promise<string> {
  let next = 0
  const started = performance.now()
  const lane = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) await timed(times, () => work(n))
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return `${Math.round(count / ((performance.now() - started) / 1000))}/s, ${spread(times)}`
}

function syncLatency(folder: string): number[] {
  const file = openSync(join(folder, 'sync'), 'w', 0o600)
  return Array.from({ length: 300 }, (_, i) => {
    writeSync(file, Buffer.alloc(300, 1), 0, 300, i * 300)
    const started = performance.now()
    fdatasyncSync(file)
    return performance.now() - started
  })
}

const item = (id: string) => ({
  id,
  sender: 'sms:+447700900001',
  receivedAt: Date.now(),
  heard: {
    type: 'message',
    from: { channel: 'sms', address: '+447700900001' },
    text: 'in 60 at the north gate',
  } as const,
})

async function writing(store: Store): Promise<void> {
  const { documents, inbox, sent } = store
  const wakeAt = Date.now() + 3_600_000
  const save = async (n: number, version: number): Promise<void> =>
    documents.write({ id: `member${n}`, kind: 'member', schema: 1, version, wakeAt: wakeAt + n, body: body(n) })
  show(`${DOCUMENTS} first saves, 32 at once`, await flood(DOCUMENTS, 32, [], (n) => save(n, 1)))
  const alone: number[] = []
  for (let n = 0; n < 500; n++) await timed(alone, () => save(n, 2))
  show('a save alone', spread(alone))
  show('saves, 32 at once', await flood(5_000, 32, [], (n) => save(n + 1_000, 2)))
  const put: number[] = []
  for (let n = 0; n < 500; n++) await timed(put, () => inbox.put(item(`sms:alone${n}`)))
  show('an inbox put alone', spread(put))
  show('inbox puts, 32 at once', await flood(20_000, 32, [], (n) => inbox.put(item(`sms:${n}`))))
  show(
    'inbox put and done, 32 at once, with compaction',
    await flood(20_000, 32, [], async (n) => {
      await inbox.put(item(`sms:b${n}`))
      await inbox.done(`sms:b${n}`)
    }),
  )
  for (const { id } of await inbox.pending()) void inbox.done(id)
  show(
    'simulator log appends, 32 at once',
    await flood(5_000, 32, [], (n) => sent.append(`e${n}`, { to: 'room', text: 'overdue', at: 'now' })),
  )
  const due: number[] = []
  for (let n = 0; n < 1_000; n++) await timed(due, () => documents.due(wakeAt + 100, 1_000))
  show('due(), 101 of them', spread(due))
  const read: number[] = []
  for (let n = 0; n < 1_000; n++) await timed(read, () => documents.read(`member${(n * 7) % 1_000}`))
  show('a read from the disk', spread(read))
}

async function opening(folder: string): Promise<void> {
  const bare = process.memoryUsage().rss
  const started = performance.now()
  const store = await openLowdbStore({ folder, key: await loadDataKey(folder) })
  const opened = performance.now()
  const rss = process.memoryUsage().rss
  let count = 0
  for await (const { version } of store.documents.all('member')) count += version > 0 ? 1 : 0
  show(`opening with ${count} documents`, `${Math.round(opened - started)} ms`)
  show('reading all of them through', `${Math.round(performance.now() - opened)} ms`)
  const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`
  show('RSS before opening, after, and after reading all', [bare, rss, process.memoryUsage().rss].map(mb).join(', '))
  await store.close()
}

if (process.argv[2] === '--open') {
  await opening(process.argv[3] ?? '')
} else {
  const folder = await mkdtemp(join(process.argv[2] ?? tmpdir(), 'imok-bench-'))
  try {
    show('fdatasync of 300 appended bytes', spread(syncLatency(folder)))
    const data = join(folder, 'data')
    const store = await openLowdbStore({ folder: data, key: await loadDataKey(data) })
    await writing(store)
    await store.close()
    process.stdout.write(execFileSync(process.execPath, [import.meta.filename, '--open', data]))
    show('fdatasync of 300 appended bytes, afterwards', spread(syncLatency(folder)))
  } finally {
    await rm(folder, { recursive: true })
  }
}
