import { setTimeout } from 'node:timers/promises'
import type { Seal } from '../../../crypto/seal.ts'
import { Content, setValues } from './content.ts'
import { CryptoStoreError, asCryptoStoreError } from './crypto-store-error.ts'
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

/** How often, and for how many milliseconds, mending waits for transactions to end. */
const LOOKS = 20
const LOOK = 10

export interface CryptoStoreOptions {
  /** Made if need be. Nobody else may write there. */
  folder: string
  seal: Seal
  /** The disk failed (its code): see `afloat`. Or somebody else has written there (`foreign-write`): see `failed`. Must not throw. */
  onFailure: (code: string) => void
  /** Called at named points of each write (`append:written`, `rewrite:renamed` …); what it throws is taken for an error of the disk. */
  hook?: Hook
  /** Bytes of journal that are never too long; less in tests. */
  small?: number
}

/**
 * What the OlmMachine keeps and what must never be older or newer than that, in one journal. A transaction of IndexedDB is on the disk before
 * anybody hears that it is complete. After `close`, or when somebody else has written there, every call throws `CryptoStoreError`.
 *
 * When the disk fails it goes on in memory (ADR 10): transactions complete, and are on the disk only after `mend`.
 */
export interface CryptoStore {
  /** For `StoreHandle.open`: the databases of this store are called `name::…`. */
  readonly name: string
  /** Bytes of an unfinished write that opening cut off. */
  readonly torn: number
  get(key: string): string | undefined
  /** Durable when it returns, all or nothing. `undefined` takes a value away. While afloat it throws: memory has it, and `mend` will write it. */
  set(values: Readonly<Record<string, string | undefined>>): void
  /**
   * What transactions write while `work` runs is durable when it resolves, all or nothing; until then they are complete in memory only. So
   * nothing of it may be told to anybody before `durable`. While afloat it throws, and `work` does not begin.
   */
  together<T>(work: () => Promise<T>): Promise<T>
  /** Resolves when all that is in memory is on the disk, too, or the store is afloat. */
  durable(): Promise<void>
  /** The disk's code while what is written is in memory only; undefined while all of it is durable. */
  afloat(): string | undefined
  /** Why it cannot be used any more, in one word. */
  failed(): string | undefined
  /** Tries to write all of it anew. True when all is durable; false if the disk, or what is under way, does not let it yet. */
  mend(): Promise<boolean>
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
  const expectDurable = (): void => {
    const code = journal.afloat
    if (code !== undefined) throw new CryptoStoreError(code, `the disk does not take the crypto store: ${code}`)
  }
  const append = (entry: Entry): void => {
    journal.append(entry)
    if (entry.kind === 'values') setValues(values, entry.values)
    if (journal.isLong() && databases.isQuiet() && !together.isUnderWay()) journal.rewrite(snapshot(factory, values))
  }
  const appendDurably = (entry: Entry): void => {
    append(entry)
    expectDurable()
  }
  const together = new Together(appendDurably, expectDurable)
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
      appendDurably({ kind: 'values', values: { ...changed } })
    },
    together: (work) => together.run(work),
    async durable() {
      await together.ended()
      journal.refuse()
    },
    afloat: () => journal.afloat,
    failed: () => journal.refusal,
    async mend() {
      if (journal.afloat === undefined) return journal.mend([])
      await journal.idle()
      const isQuiet = (): boolean => databases.isQuiet() && !together.isUnderWay()
      for (let look = 0; look < LOOKS && !isQuiet(); look++) await setTimeout(LOOK)
      return isQuiet() && journal.mend(snapshot(factory, values))
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
