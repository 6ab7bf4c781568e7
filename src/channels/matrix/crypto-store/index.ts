import type { Seal } from '../../../crypto/seal.ts'
import type { SmallValues } from '../replays.ts'
import { rawDatabases } from './indexed-db.ts'
import type { Hook } from './journal.ts'
import { CryptoJournal } from './journal.ts'
import { decoded, dump, encoded } from './records.ts'
import type { Entry } from './records.ts'
import { record } from './recorder.ts'
import { restorer } from './restore.ts'

/** Records in the middle cannot be read: keys are missing, and nobody can tell which. In words for the operator. */
export class CryptoStoreDamaged extends Error {
  readonly code = 'matrix-keys-damaged'
  constructor(folder: string) {
    super(
      `The Matrix keys in ${folder} are damaged: some records cannot be read. imok does not use them. Move the folder away and start again; then: npm run matrix -- recover`,
    )
    this.name = 'CryptoStoreDamaged'
  }
}

/** The crypto library's databases, and small values beside them, in one journal: neither can be older than the other. */
export interface CryptoStore extends SmallValues {
  /** For `StoreHandle.open`. */
  readonly name: string
  /** A code of the disk once something could not be written: from then on nothing is, and it must be opened anew. */
  failed: () => string | undefined
  /** Bytes of the journal. */
  size: () => number
  /** Writes the journal anew now. */
  compact: () => void
  close: () => void
}

let opened = 0

/**
 * Opens the store and puts the databases back into memory. The folder belongs to one process: the data folder's own lock sees to that.
 * Throws `CryptoStoreDamaged`, and Node's errors of the disk.
 */
export async function openCryptoStore(options: { folder: string; seal: Seal; hook?: Hook }): Promise<CryptoStore> {
  // In memory each opening has databases of its own: what an earlier, failed one left there is ahead of the disk.
  const name = `imok-${String(process.pid)}-${String(++opened)}`
  const prefix = `${name}::`
  const values = new Map<string, string>()
  const databases = new Set<string>()
  let failure: string | undefined
  let isOpen = true

  const change = (given: Record<string, string | undefined>): void => {
    for (const [key, value] of Object.entries(given))
      if (value === undefined) values.delete(key)
      else values.set(key, value)
  }
  function* snapshot(): Generator<string> {
    yield encoded({ type: 'values', values: Object.fromEntries(values) })
    for (const raw of rawDatabases(databases)) yield encoded({ type: 'database', dump: inFile(dump(raw)) })
  }
  /** The journal knows a database by the part of its name that stays. */
  const inFile = <T extends { name: string }>(it: T): T => ({ ...it, name: it.name.slice(prefix.length) })

  const entries: Entry[] = []
  const { journal, damaged } = CryptoJournal.open({ ...options, snapshot }, (text) => entries.push(decoded(text)))
  if (damaged) {
    journal.close()
    throw new CryptoStoreDamaged(options.folder)
  }
  const restore = restorer()
  for (const entry of entries.splice(0)) {
    if (entry.type === 'values') change(entry.values)
    else if (entry.type === 'database') {
      await restore.database({ ...entry.dump, name: prefix + entry.dump.name })
      databases.add(prefix + entry.dump.name)
    } else if (entry.type === 'dropped') {
      await restore.dropped(prefix + entry.database)
      databases.delete(prefix + entry.database)
    } else await restore.transaction(prefix + entry.database, entry.operations)
  }
  restore.done()

  const keep = (entry: Entry): void => {
    if (failure !== undefined) throw new Error('the crypto store has failed')
    try {
      journal.append(encoded(entry))
    } catch (error) {
      failure = codeIn(error)
      throw error
    }
  }

  /** At a moment when memory and disk say the same. If it fails the journal is only longer. */
  const compactIfWorthwhile = (): void => {
    if (!journal.isWorthCompacting()) return
    try {
      journal.compact()
    } catch {
      // Tried again with the next entry; if the disk is broken, that one says so.
    }
  }

  const stop = record(prefix, (entry) => {
    if (entry.type === 'database') {
      databases.add(entry.dump.name)
      keep({ type: 'database', dump: inFile(entry.dump) })
    } else if (entry.type !== 'values') {
      if (entry.type === 'dropped') databases.delete(entry.database)
      keep({ ...entry, database: entry.database.slice(prefix.length) })
    }
    compactIfWorthwhile()
  })

  return {
    name,
    get: (key) => values.get(key),
    set: (given) => {
      keep({ type: 'values', values: { ...given } })
      change(given)
      compactIfWorthwhile()
    },
    failed: () => failure,
    size: () => journal.size,
    compact: () => journal.compact(),
    close: () => {
      if (!isOpen) return
      isOpen = false
      stop()
      failure ??= 'closed'
      journal.close()
    },
  }
}

const codeIn = (error: unknown): string => {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : 'unknown'
}
