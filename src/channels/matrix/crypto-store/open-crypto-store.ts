import type { Seal } from '../../../crypto/seal.ts'
import { Content, setValues } from './content.ts'
import { asCryptoStoreError } from './crypto-store-error.ts'
import type { Entry } from './entry.ts'
import { guardFolder } from './guard-folder.ts'
import { makeFactory } from './inside-indexeddb.ts'
import { Journal } from './journal.ts'
import { offerGlobally } from './offer-globally.ts'
import { readJournal } from './read-journal.ts'
import { RecordedDatabases } from './recorded-databases.ts'
import type { Ledger } from './recorded-databases.ts'
import { restore } from './restore.ts'
import { makeFolder } from './segments.ts'
import type { Hook } from './segments.ts'
import { snapshot } from './snapshot.ts'
import { Together } from './together.ts'

/** A megabyte of journal is read in about 10 ms. */
const SMALL = 1024 * 1024

export interface CryptoStoreOptions {
  /** Made if need be. Nobody else may write there. */
  folder: string
  seal: Seal
  /** The disk failed (its code). From now on everything is refused; machines that use the store must be dropped. Called once; must not throw. */
  onFailure: (code: string) => void
  /** Called at named points of each write (`append:written`, `rewrite:renamed` …); what it throws is taken for an error of the disk. */
  hook?: Hook
  /** Bytes of journal that are never too long; less in tests. */
  small?: number
}

/**
 * What the OlmMachine keeps and what must never be older or newer than that, in one journal. A transaction of IndexedDB is on the disk before
 * anybody hears that it is complete. After a failure or `close` every call throws `CryptoStoreError`.
 */
export interface CryptoStore {
  /** For `StoreHandle.open`: the databases of this store are called `name::…`. */
  readonly name: string
  /** Bytes of an unfinished write that opening cut off. */
  readonly torn: number
  get(key: string): string | undefined
  /** Durable when it returns, all or nothing. `undefined` takes a value away. */
  set(values: Readonly<Record<string, string | undefined>>): void
  /**
   * What transactions write while `work` runs is durable when it resolves, all or nothing; until then they are complete in memory only. So
   * nothing of it may be told to anybody before `durable`.
   */
  together<T>(work: () => Promise<T>): Promise<T>
  /** Resolves when all that is in memory is on the disk, too. */
  durable(): Promise<void>
  /** Bytes of journal on disk now. */
  size(): number
  /** Resolves when no compaction is under way. */
  idle(): Promise<void>
  /** From now on nothing changes on the disk. Transactions under way are aborted. */
  close(): void
}

/**
 * Throws `CryptoStoreError`: with `damaged` the store must be treated as lost; with `locked`, `wrong-key`, `newer-format` or the disk's
 * code it may be whole.
 */
export async function openCryptoStore(options: CryptoStoreOptions): Promise<CryptoStore> {
  let letGo: () => void = () => undefined
  try {
    makeFolder(options.folder)
    letGo = await guardFolder(options.folder)
    return await open(options, letGo)
  } catch (error) {
    letGo()
    throw asCryptoStoreError(error, 'open the crypto store')
  }
}

async function open(options: CryptoStoreOptions, letGo: () => void): Promise<CryptoStore> {
  const { folder, seal, onFailure, hook = () => undefined, small = SMALL } = options
  const factory = makeFactory()
  const content = new Content((a, b) => factory.cmp(a, b))
  const standing = readJournal(folder, seal, (entry) => content.apply(entry))
  const journal = new Journal({ folder, seal, hook, onFailure, small }, standing)
  const { values } = content
  const append = (entry: Entry): void => {
    journal.append(entry)
    if (entry.kind === 'values') setValues(values, entry.values)
    if (journal.isLong() && databases.isQuiet() && !together.isUnderWay()) journal.rewrite(snapshot(factory, values))
  }
  const together = new Together(append)
  const ledger: Ledger = {
    refuse: () => journal.refuse(),
    append(entry) {
      if (!together.keep(entry)) append(entry)
    },
  }
  const databases = new RecordedDatabases(factory, ledger)
  try {
    for (const database of content.databases.values()) await restore(factory, database)
  } catch (error) {
    journal.close()
    throw error
  }
  content.databases.clear()
  const { name, withdraw } = offerGlobally(databases)
  return {
    name,
    torn: standing.torn,
    get(key) {
      journal.refuse()
      return values.get(key)
    },
    set(changed) {
      append({ kind: 'values', values: { ...changed } })
    },
    together: (work) => together.run(work),
    async durable() {
      await together.ended()
      journal.refuse()
    },
    size: () => journal.size,
    idle: () => journal.idle(),
    close() {
      journal.close()
      withdraw()
      letGo()
    },
  }
}
