import type { Config } from '../config/config.ts'
import { SECOND } from '../core/time.ts'
import { sorts } from '../stores/copy-records.ts'
import type { Progress, Survey } from '../stores/copy-records.ts'

/** Names shown of records that differ. */
const SHOWN = 10

/** How many there are of what, and how large they are about, without what sealing adds. */
export function shownSurvey({ counts, count }: Survey): string {
  const bytes = [...counts.values()].reduce((sum, one) => sum + one.bytes, 0)
  const rows = sorts.map((sort) => [sort, counts.get(sort) ?? { count: 0, bytes: 0 }] as const)
  return [...rows, ['in all', { count, bytes }] as const]
    .map(([sort, one]) => `  ${sort.padEnd(20)} ${String(one.count).padStart(8)} ${shownSize(one.bytes).padStart(10)}`)
    .join('\n')
}

const shownSize = (bytes: number): string =>
  bytes < 1e6 ? `${String(Math.ceil(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`

/** On a terminal one line that is drawn again; elsewhere a line now and then. */
export function shownProgress(out: { isTTY?: boolean; write: (text: string) => unknown }): {
  tell: Progress
  end: () => void
} {
  const pause = out.isTTY ? SECOND / 10 : 5 * SECOND
  let last = performance.now()
  let isDrawn = false
  return {
    tell: (doing, done, of) => {
      if (performance.now() - last < pause && done !== of) return
      last = performance.now()
      const line = `${doing} … ${String(done)}${of === undefined ? '' : ` of ${String(of)}`} records`
      isDrawn = out.isTTY === true
      out.write(out.isTTY ? `\r\x1b[K${line}` : `${line}\n`)
    },
    end: () => {
      if (isDrawn) out.write('\n')
      isDrawn = false
    },
  }
}

/** Some of the names, without what an address could be guessed from. */
export function shownDifferences(names: readonly string[]): string {
  const some = names.slice(0, SHOWN).map((name) => name.replace(/^address \S+/, 'an address'))
  return (
    `After copying ${names.length === 1 ? 'one record is' : `${String(names.length)} records are`} not the same: ${some.join(', ')}` +
    `${names.length > SHOWN ? ', …' : ''}.\nimok does not start with this copy. Go on with the old store; look at the disk, or the servers, that hold the new one; ` +
    'then copy again.'
  )
}

/** What is left for the operator to do. */
export function nextSteps(to: 'lowdb' | 'mongodb', { dataDir }: Config): string {
  return to === 'mongodb'
    ? `Next: keep the address of the database set for every imok of this group, for the service too (mongodb_url_file); start one, and look that its /readyz says "role":"active"; without a role it runs on the old store, stop it then (docs/growing.md, “Copying again”). The keys of this machine’s Matrix device (matrix) and the ` +
        `data key (key) stay in ${dataDir} and are used from there. The old store (store.json, documents, inbox, addresses, sent) lies there too: keep it as it is until ` +
        'a drill has passed, then remove it. Never let one imok run with the old store and another with the new one.'
    : `Next: take the address of the database out of the settings, start imok on this machine with the data folder ${dataDir}, and on no other. The keys of this machine’s Matrix device ` +
        '(matrix) are used from there, if it had one. Keep the database as it is until a drill has passed, and remove it then. Never let one imok run with the old store and another with the new one.'
}
