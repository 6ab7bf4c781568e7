import type { Collection, Db } from 'mongodb'
import type { DataKey } from '../../crypto/data-key.ts'
import { randomFew } from '../../crypto/random-stock.ts'
import { makeSeal, Undecryptable } from '../../crypto/seal.ts'
import type { Seal } from '../../crypto/seal.ts'
import { StoreError } from '../../ports/store.ts'
import type { SimulatedMessage } from '../../ports/store.ts'
import type { Schemas } from '../sealed-document.ts'
import type { Source, StoreRecord, Target } from '../store-record.ts'
import { inPortions } from '../turns.ts'
import { mongoAddresses } from './addresses.ts'
import type { AddressRow } from './addresses.ts'
import { identify, look, markUnfinished, markWhole, refuseOtherKey } from './database.ts'
import type { CollectionName, MetaRow } from './database.ts'
import { mongoDocuments } from './documents.ts'
import type { DocumentRow } from './documents.ts'
import { mongoInbox } from './inbox.ts'
import type { InboxRow } from './inbox.ts'
import { openLink } from './link.ts'
import type { Link } from './link.ts'
import { setLastTerm, watchEmptyOffice } from './office.ts'
import type { OfficeRow, OfficeTimes } from './office.ts'
import { Rows } from './rows.ts'
import type { Row } from './rows.ts'
import { mongoSentLog } from './sent-log.ts'
import type { SentRow } from './sent-log.ts'
import { createWire } from './wire.ts'
import type { Wire } from './wire.ts'

export interface CopyOptions {
  key: DataKey
  schemas?: Schemas
  times?: OfficeTimes
}

/** Rows removed at once. */
const AT_ONCE = 32

/** Where the records lie. */
const holding = ['documents', 'aside', 'inbox', 'addresses', 'sent'] as const

/** The records of a database. Nothing in it is changed. Throws `StoreError`, `in-office` too: then a kernel is at work in it. */
export async function mongoSource(link: Link, { key, schemas = {}, times }: CopyOptions): Promise<Source> {
  const { db } = link
  const { wire, rowsOf } = lines(db)
  const seal = makeSeal(key)
  const found = await identify(db, wire, rowsOf<MetaRow>('meta'))
  if (!found)
    throw new StoreError(
      'nothing-to-copy',
      `the database ${db.databaseName} holds no records; look whether IMOK_MONGODB_URL is right`,
    )
  refuseOtherKey(found, seal)
  const { epoch, refuseKernel } = await watchEmptyOffice(rowsOf<OfficeRow>('meta'), times)
  const { records } = content(rowsOf, seal, schemas)
  return { epoch, records, refuseKernel, close: () => link.close() }
}

/** A database to be filled. Throws `StoreError` if it holds records of its own. */
export async function mongoTarget(link: Link, { key, schemas = {} }: CopyOptions): Promise<Target> {
  const { db } = link
  const { wire, rowsOf } = lines(db)
  const seal = makeSeal(key)
  const meta = rowsOf<MetaRow>('meta')
  const found = await look(db, wire, meta)
  const isUnfinished = found?.unfinished !== undefined
  if (found && isUnfinished) refuseOtherKey(found, seal)
  if (!isUnfinished && (found || (await holdsRows(rowsOf)))) throw holdsRecords(db)
  const { records, write } = content(rowsOf, seal, schemas)
  const mine = randomFew(9).toString('base64url')
  return {
    isUnfinished,
    begin: async () => {
      if (!(await markUnfinished(meta, found, mine, seal))) throw interrupted()
      for (const name of holding) {
        const rows = rowsOf(name)
        await inPortions(rows.walk({}), AT_ONCE, ({ _id }) => rows.remove(_id))
      }
    },
    write,
    records,
    finish: async (epoch) => {
      await setLastTerm(rowsOf<OfficeRow>('meta'), epoch)
      if (!(await markWhole(meta, mine))) throw interrupted()
    },
    close: () => link.close(),
  }
}

type RowsOf = <R extends Row>(name: CollectionName) => Rows<R>

function lines(db: Db): { wire: Wire; rowsOf: RowsOf } {
  const wire = createWire(() => undefined)
  return {
    wire,
    rowsOf: <R extends Row>(name: CollectionName) => new Rows<R>(db.collection(name) as unknown as Collection<R>, wire),
  }
}

async function holdsRows(rowsOf: RowsOf): Promise<boolean> {
  for (const name of holding) if ((await rowsOf(name).list({}, { limit: 1 })).length > 0) return true
  return false
}

const holdsRecords = (db: Db): StoreError =>
  new StoreError(
    'holds-records',
    `the database ${db.databaseName} holds records of its own; nothing was changed: to copy again an administrator empties it first ` +
      '(docs/growing.md, “Copying again”), or makes a new one and a user for it, for IMOK_MONGODB_URL',
  )

const interrupted = (): StoreError =>
  new StoreError(
    'unfinished-copy',
    'somebody else has begun to fill the database; see to it that only one does, and copy then',
  )

function content(rowsOf: RowsOf, seal: Seal, schemas: Schemas): Pick<Target, 'records' | 'write'> {
  const documentRows = rowsOf<DocumentRow>('documents')
  const setAside = (): Promise<string> => Promise.reject(new Error('a copy sets nothing aside'))
  const documents = mongoDocuments({ rows: documentRows, setAside, seal, schemas })
  const inbox = mongoInbox({ rows: rowsOf<InboxRow>('inbox'), setAside, seal, now: Date.now })
  const addresses = mongoAddresses({ rows: rowsOf<AddressRow>('addresses'), seal, now: Date.now })
  const sent = mongoSentLog<SimulatedMessage>({ rows: rowsOf<SentRow>('sent'), seal })

  async function* all(): AsyncGenerator<StoreRecord> {
    for await (const document of documents.every()) yield { is: 'document', document }
    for await (const { address, member } of addresses.every()) yield { is: 'address', address, member }
    for await (const { id, receivedAt } of inbox.remembered()) yield { is: 'done', id, receivedAt }
    for (const [index, item] of (await inbox.waiting()).entries()) yield { is: 'waiting', place: index + 1, item }
    for await (const { n, effectId, entry } of sent.every()) yield { is: 'sent', n, effectId, entry }
  }
  async function* records(): AsyncGenerator<StoreRecord> {
    try {
      yield* all()
    } catch (error) {
      if (!(error instanceof Undecryptable) && !(error instanceof StoreError && error.code === 'damaged')) throw error
      throw new StoreError(
        'damaged',
        `${error.message}; nothing was changed: start imok with the database once, so that what is damaged is set aside and the room ` +
          'hears of it; stop it, and copy then',
        { cause: error },
      )
    }
  }

  return {
    records,
    write: async (record) => {
      switch (record.is) {
        case 'document':
          return documents.put(record.document)
        case 'address':
          await addresses.assign(record.address, record.member)
          return
        case 'waiting':
          await inbox.put(record.item)
          return
        case 'done':
          return inbox.remember(record.id, record.receivedAt)
        case 'sent':
          return sent.put(record.n, record.effectId, record.entry)
      }
    },
  }
}

export const openMongoSource = (url: string, options: CopyOptions): Promise<Source> =>
  linked(url, (link) => mongoSource(link, options))

export const openMongoTarget = (url: string, options: CopyOptions): Promise<Target> =>
  linked(url, (link) => mongoTarget(link, options))

async function linked<T>(url: string, open: (link: Link) => Promise<T>): Promise<T> {
  const link = await openLink(url)
  try {
    return await open(link)
  } catch (error) {
    await link.close().catch(() => undefined)
    throw error
  }
}
