import type { Collection, Db, Filter } from 'mongodb'
import type { Instant } from '../../core/time.ts'
import type { DataKey } from '../../crypto/data-key.ts'
import { makeSeal } from '../../crypto/seal.ts'
import type { Office } from '../../ports/office.ts'
import type { Damage, SimulatedMessage, Store } from '../../ports/store.ts'
import type { Schemas } from '../sealed-document.ts'
import { mongoAddresses } from './addresses.ts'
import type { AddressRow } from './addresses.ts'
import { claim, identify, refuseOtherKey, STORE } from './database.ts'
import type { CollectionName, MetaRow } from './database.ts'
import { mongoDocuments } from './documents.ts'
import type { DocumentRow } from './documents.ts'
import { forwarding, openLink } from './link.ts'
import { mongoInbox } from './inbox.ts'
import type { InboxRow } from './inbox.ts'
import { mongoOffice } from './office.ts'
import type { OfficeRow, OfficeTimes } from './office.ts'
import { Rows } from './rows.ts'
import type { Row } from './rows.ts'
import { createSetAside } from './set-aside.ts'
import type { AsideRow } from './set-aside.ts'
import { mongoSentLog } from './sent-log.ts'
import type { SentRow } from './sent-log.ts'
import type { StandbyRow } from './standbys.ts'
import { createStillOurs } from './still-ours.ts'
import { createWire } from './wire.ts'
import type { Hook } from './wire.ts'

/**
 * So many changes at a time: in a storm there are hundreds, and the server serves all alike. A provider waits for its text to be stored, and who
 * is in office must say so in time (measured in a storm of 2,000: p50 until a text is stored 52 ms instead of 87).
 */
const IN_LINE = 8

/** Their changes are not in line: what came in, who stands by. Who is in office is not either. */
const goesPast: ReadonlySet<CollectionName> = new Set(['inbox', 'standbys'])

export interface MongoStoreOptions {
  url: string
  /** Asked for when it is known whether the database holds data already: then a new key would be of no use. */
  key: (holdsData: boolean) => Promise<DataKey>
  /** Still open what they sealed; what is saved again is sealed under `key`. */
  olderKeys?: readonly DataKey[]
  now?: () => Instant
  hook?: Hook
  /** The newest body schema by kind; a document with a newer one is left untouched and reported. */
  schemas?: Schemas
  times?: OfficeTimes
  /** The database cannot be asked who is in office. It is tried again. */
  onTrouble?: (error: unknown) => void
}

export interface MongoStore extends Store {
  office: Office
  /** For Agenda, which keeps its jobs in the collection `jobs`. */
  db: Db
}

/**
 * The store for several kernels. Documents, inbox, addresses and the simulator's list are sealed as in the embedded store; what is acknowledged, a
 * majority of the servers has. Nobody may act before `office.take` has resolved; putting into the inbox is for all.
 * Throws `StoreError`: `mongodb-address`, `mongodb-unreachable`, `mongodb-no-permission`, `mongodb-too-old`, `mongodb-not-ours`, `wrong-key`,
 * `newer-schema`; and what `key` throws.
 */
export async function openMongoStore(options: MongoStoreOptions): Promise<MongoStore> {
  const { url, olderKeys = [], now = Date.now, hook = () => undefined, schemas = {} } = options
  const link = await openLink(url)
  const { db } = link
  const wire = createWire(hook)
  const inLine = wire.line(IN_LINE)
  const collectionOf = <R extends Row>(name: CollectionName): Collection<R> =>
    db.collection(name) as unknown as Collection<R>
  try {
    const meta = new Rows<MetaRow>(collectionOf('meta'), wire)
    const found = await identify(db, wire, meta)
    const seal = makeSeal(await options.key(found !== undefined), olderKeys)
    if (found) refuseOtherKey(found, seal)
    else await claim(meta, seal)

    const stillOurs = createStillOurs(meta, found ?? (await meta.find(STORE)))
    const [guarded, guardedInLine] = [stillOurs.guarded(wire), stillOurs.guarded(inLine)]
    const rowsOf = <R extends Row>(name: CollectionName): Rows<R> =>
      new Rows<R>(collectionOf(name), guarded, goesPast.has(name) ? guarded : guardedInLine)

    const documentRows = rowsOf<DocumentRow>('documents')
    const inboxRows = rowsOf<InboxRow>('inbox')
    const sentRows = rowsOf<SentRow>('sent')
    await documentRows.index({ wakeAt: 1, _id: 1 })
    await documentRows.index({ kind: 1, _id: 1 })
    // The simulator's list goes on without it; nobody's watch waits for that.
    await sentRows.uniqueIndex('effectId').catch(() => undefined)
    await inboxRows.index({ done: 1, order: 1 })
    await inboxRows.index({ done: 1, receivedAt: 1 })

    const aside = rowsOf<AsideRow>('aside')
    const setAside = createSetAside(aside, now)
    const documents = mongoDocuments({ rows: documentRows, setAside, seal, schemas })
    const inbox = mongoInbox({ rows: inboxRows, setAside, seal, now })
    const addresses = mongoAddresses({ rows: rowsOf<AddressRow>('addresses'), seal, now })
    const sent = mongoSentLog<SimulatedMessage>({ rows: sentRows, seal })
    const isThere = async (filter: Filter<DocumentRow>): Promise<boolean> =>
      (await documentRows.list(filter, { limit: 1, fields: ['version'] })).length > 0
    const isKept = async (member: string): Promise<boolean> =>
      // One whose record was set aside may be repaired, and must be heard then.
      (await isThere({ _id: member })) ||
      (await aside.list({ 'was._id': member }, { limit: 1, fields: ['at'] })).length > 0
    const damage: Damage[] = []
    let inspected: readonly Damage[] = []
    let epoch = 0
    const office = mongoOffice({
      rows: new Rows<OfficeRow>(collectionOf('meta'), wire),
      standbyRows: rowsOf<StandbyRow>('standbys'),
      ...(options.times && { times: options.times }),
      isNew: async () => !(await isThere({})),
      check: stillOurs.check,
      begin: async (term) => {
        const found = [...(await documents.inspect()), ...(await inbox.inspect())]
        // What others have found, in texts of a locked time, is still to be told.
        const others = damage.filter((it) => !inspected.includes(it))
        damage.splice(0, damage.length, ...others, ...found)
        inspected = found
        await sent.begin()
        epoch = term
      },
      onTrouble: options.onTrouble ?? (() => undefined),
    })

    let closing: Promise<void> | undefined
    return {
      documents,
      inbox,
      addresses,
      sent,
      office,
      db: forwarding(() => db, {
        collection: (name: string) =>
          forwarding(() => {
            stillOurs.refuse()
            return db.collection(name)
          }),
      }),
      damage,
      get epoch() {
        return epoch
      },
      tidy: async ({ setAside }) => {
        // The content of what is done went with its being done.
        await inbox.forget()
        for (const { _id } of await aside.list({ at: { $lt: setAside } }, { fields: ['at'] })) await aside.remove(_id)
        await addresses.sweep(isKept)
      },
      close: () =>
        (closing ??= (async () => {
          office.close()
          wire.close()
          await link.close()
        })()),
    }
  } catch (error) {
    await link.close().catch(() => undefined)
    throw error
  }
}
