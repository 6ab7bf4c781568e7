import type { Db } from 'mongodb'
import type { Seal } from '../../crypto/seal.ts'
import { StoreError } from '../../ports/store.ts'
import type { Row, Rows } from './rows.ts'
import type { Wire } from './wire.ts'

/** Everything that imok keeps in its database. */
export const collections = ['meta', 'documents', 'aside', 'inbox', 'addresses', 'sent', 'jobs', 'standbys'] as const
export type CollectionName = (typeof collections)[number]

/** The shape of what lies in it. A newer kernel's is left alone. */
const FORMAT = 1

/** The row of `meta` that says whose this is. */
export const STORE = 'store'

export interface MetaRow extends Row {
  _id: string
  format: number
  keyId: string
  /** A copy into this database has begun and not ended: a name of its own. */
  unfinished?: string
}

/**
 * Looks whose database this is, before anything is written; undefined if it is nobody's yet. Throws `StoreError`: `newer-schema`,
 * `mongodb-not-ours`, or `unfinished-copy`.
 */
export async function identify(db: Db, wire: Wire, meta: Rows<MetaRow>): Promise<MetaRow | undefined> {
  let found = await look(db, wire, meta)
  const strange = found ? undefined : await firstWithRows(db, wire)
  // Another kernel of ours may have begun in this very moment.
  if (strange !== undefined) found = await meta.find(STORE)
  if (found) refuseUnfinished(found)
  else if (strange !== undefined) throw notOurs(db, strange)
  return found
}

/** Collections may bear our names and be somebody else's, or a backup that was put back in part: nothing in them is ours to move. */
async function firstWithRows(db: Db, wire: Wire): Promise<CollectionName | undefined> {
  for (const name of collections) {
    const rows = await wire.call('look into a collection', () => db.collection(name).find({}, { limit: 1 }).toArray())
    if (rows.length > 0) return name
  }
  return undefined
}

const notOurs = (db: Db, name: CollectionName): StoreError =>
  new StoreError(
    'mongodb-not-ours',
    `the database ${db.databaseName} holds something in ${name}, and nothing says that it is imok's: it is somebody else's, or a backup that was ` +
      'put back in part; nothing was changed: put back the whole backup, or have another database made, and a user for it, for IMOK_MONGODB_URL',
  )

function refuseUnfinished({ unfinished }: MetaRow): void {
  if (unfinished === undefined) return
  throw new StoreError(
    'unfinished-copy',
    'a copy into this database was begun and has not ended, so records may be missing; nothing was changed: run it again ' +
      '(npm run store -- copy --from lowdb --to mongodb), or unset IMOK_MONGODB_URL and go on with the data folder',
  )
}

/** The same, and also what an unfinished copy has begun to fill. */
export async function look(db: Db, wire: Wire, meta: Rows<MetaRow>): Promise<MetaRow | undefined> {
  const found = await meta.find(STORE)
  if (found) {
    if (found.format > FORMAT)
      throw new StoreError('newer-schema', 'this database was written by a newer imok: install that one')
    return found
  }
  const present = await wire.call('list collections', () => db.listCollections({}, { nameOnly: true }).toArray())
  const strange = present.map(({ name }) => name).filter((name) => !isOurs(name))
  if (strange.length > 0)
    throw new StoreError(
      'mongodb-not-ours',
      `the database ${db.databaseName} holds something else (${strange.slice(0, 3).join(', ')}); nothing was changed: ` +
        'have one made that is empty, and a user for it, for IMOK_MONGODB_URL',
    )
  return undefined
}

const isOurs = (name: string): boolean =>
  name.startsWith('system.') || (collections as readonly string[]).includes(name)

/** Throws `StoreError('wrong-key')` if what lies there is sealed under another key. */
export function refuseOtherKey(found: { keyId: string }, seal: Seal): void {
  if (seal.knows(found.keyId)) return
  throw new StoreError(
    'wrong-key',
    `the data in this database was sealed with another key (${found.keyId}) than the one given (${seal.keyId}); ` +
      'nothing was changed: give the key of this group (the file "key" in the data folder of its first machine, or IMOK_SECRET_KEY), or another database',
  )
}

/** From now on it is ours. */
export async function claim(meta: Rows<MetaRow>, seal: Seal): Promise<void> {
  const there = await meta.insert({ _id: STORE, format: FORMAT, keyId: seal.keyId })
  if (!there) return
  // Somebody began at the same time: a copy, or another kernel, which must have the same key.
  refuseUnfinished(there)
  refuseOtherKey(there, seal)
}

/** From now on no kernel opens it, until `markWhole`. False if somebody else was faster: `found` is what was seen. */
export async function markUnfinished(
  meta: Rows<MetaRow>,
  found: MetaRow | undefined,
  unfinished: string,
  seal: Seal,
): Promise<boolean> {
  const row = { format: FORMAT, keyId: seal.keyId, unfinished }
  if (!found) return (await meta.insert({ _id: STORE, ...row })) === undefined
  return found.unfinished !== undefined && meta.change(STORE, { unfinished: found.unfinished }, row)
}

/** False if another copy has begun since. */
export const markWhole = (meta: Rows<MetaRow>, unfinished: string): Promise<boolean> =>
  meta.change(STORE, { unfinished }, {}, ['unfinished'])
