import type { Instant } from '../../core/time.ts'
import type { DataKey } from '../../crypto/data-key.ts'
import { makeSeal } from '../../crypto/seal.ts'
import { StoreError } from '../../ports/store.ts'
import type { SimulatedMessage, Store } from '../../ports/store.ts'
import type { Schemas } from '../sealed-document.ts'
import { AddressState, makeAddresses } from './addresses.ts'
import type { AddressRecord } from './addresses.ts'
import { asStoreError } from './disk.ts'
import type { Disk, Hook } from './disk.ts'
import { LowdbDocuments } from './documents.ts'
import { InboxState, makeInbox, tidyInbox } from './inbox.ts'
import type { InboxRecord } from './inbox.ts'
import type { Journal, Kept } from './journal.ts'
import { loadDocuments } from './load-documents.ts'
import { openJournal } from './open-journal.ts'
import { SentState, makeSentLog } from './sent-log.ts'
import type { SentRecord } from './sent-log.ts'
import { FOLDER } from './stored-document.ts'
import { asideName as nameAside, removeSetAside } from './set-aside.ts'
import { beginTerm } from './term.ts'

export interface StoreOptions {
  key: DataKey
  /** Still open what they sealed; what is saved again is sealed under `key`. */
  olderKeys?: readonly DataKey[]
  /** The kernel's clock: by it the inbox forgets ids. */
  now?: () => Instant
  /** Called at named points of each write (`save:renamed`, `inbox:durable` …). */
  hook?: Hook
  /** The newest body schema by kind; a document with a newer one is left untouched and reported. */
  schemas?: Schemas
}

/** Opens the store on a disk. The caller holds the lock. Throws `StoreError`. */
export async function openStoreOn(disk: Disk, options: StoreOptions): Promise<Store> {
  const journals: Journal<never>[] = []
  try {
    return await open(disk, options, journals)
  } catch (error) {
    for (const journal of journals) await journal.close().catch(() => undefined)
    throw asStoreError(error, 'open the store')
  }
}

async function open(disk: Disk, options: StoreOptions, journals: Journal<never>[]): Promise<Store> {
  const { key, olderKeys = [], now = Date.now, schemas = {} } = options
  const seal = makeSeal(key, olderKeys)
  const asideName = nameAside(now())
  await disk.makeFolder(FOLDER)
  const { epoch, damage, makeSure } = await beginTerm(disk, seal, now(), asideName)
  const hook: Hook = async (point) => {
    if (point.endsWith(':start')) await makeSure()
    await options.hook?.(point)
  }
  const loaded = await loadDocuments(disk, seal, schemas, asideName)
  damage.push(...loaded.damage)
  const documents = new LowdbDocuments({ disk, seal, hook, loaded })

  const journal = async <R>(name: string, kept: Kept<R>): Promise<Journal<R>> => {
    const opened = await openJournal<R>({ name, disk, seal, hook, kept, asideName })
    journals.push(opened.journal as Journal<never>)
    damage.push(...opened.damage)
    return opened.journal
  }
  const inbox = new InboxState(now)
  const addresses = new AddressState()
  const sent = new SentState<SimulatedMessage>()
  const inboxJournal = await journal<InboxRecord>('inbox', inbox)
  let isClosed = false
  return {
    documents,
    inbox: makeInbox(inbox, inboxJournal),
    addresses: makeAddresses(addresses, await journal<AddressRecord>('addresses', addresses)),
    sent: makeSentLog(sent, await journal<SentRecord<SimulatedMessage>>('sent', sent)),
    epoch,
    damage,
    async tidy({ done, setAside }) {
      if (isClosed) throw new StoreError('closed', 'the store is closed')
      try {
        await tidyInbox(inbox, inboxJournal, done)
      } finally {
        await removeSetAside(disk, ['.', FOLDER, 'inbox', 'addresses', 'sent'], setAside)
      }
    },
    close: once(async () => {
      isClosed = true
      await documents.close()
      for (const opened of journals) await opened.close()
      await disk.close()
    }),
  }
}

/** Closing twice is closing once. */
export function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => (done ??= work())
}
