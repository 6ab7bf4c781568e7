import { existsSync } from 'node:fs'
import type { DataKey } from '../../crypto/data-key.ts'
import { makeSeal } from '../../crypto/seal.ts'
import type { Seal } from '../../crypto/seal.ts'
import { StoreError } from '../../ports/store.ts'
import type { Damage, SimulatedMessage } from '../../ports/store.ts'
import { holdsLockedTexts } from '../locked-inbox.ts'
import { removeOutList } from '../out-list.ts'
import { sealDocument } from '../sealed-document.ts'
import type { Schemas } from '../sealed-document.ts'
import type { Source, StoreRecord, Target } from '../store-record.ts'
import { AddressState } from './addresses.ts'
import type { AddressRecord } from './addresses.ts'
import { asStoreError, replaceFile } from './disk.ts'
import type { Disk } from './disk.ts'
import { LowdbDocuments } from './documents.ts'
import { lockFolder } from './folder-lock.ts'
import { InboxState } from './inbox.ts'
import type { InboxRecord } from './inbox.ts'
import type { Journal, Kept } from './journal.ts'
import { loadDocuments } from './load-documents.ts'
import { nodeDisk } from './node-disk.ts'
import { openJournal } from './open-journal.ts'
import { readOnly } from './read-only.ts'
import { SentState } from './sent-log.ts'
import type { SentRecord } from './sent-log.ts'
import { asideName } from './set-aside.ts'
import { FOLDER, fileOf } from './stored-document.ts'
import { beginTerm, isStore, isUnfinished, markUnfinished, setTerm } from './term.ts'

export interface CopyOptions {
  key: DataKey
  schemas?: Schemas
}

/** Where a data folder lies. */
export interface Place {
  name: string
  /** Only to be read; undefined if there is none. */
  look: () => Disk | undefined
  /** Held until it is closed: no kernel can use it. Throws `StoreError`. */
  hold: () => Promise<Disk>
}

export const folderPlace = (folder: string): Place => ({
  name: folder,
  look: () => (existsSync(folder) ? nodeDisk(folder) : undefined),
  hold: async () => {
    const disk = nodeDisk(folder)
    const unlock = await lockFolder(folder)
    return { ...disk, close: () => disk.close().finally(unlock) }
  },
})

/** Where the records lie. */
const FOLDERS = [FOLDER, 'inbox', 'addresses', 'sent']

const hook = (): void => undefined

/** Throws `StoreError` where no kernel has ever worked. */
export function refuseNothing({ name, look }: Place): void {
  const disk = look()
  if (!disk || !isStore(readOnly(disk)))
    throw new StoreError('nothing-to-copy', `${name} holds no records; look whether IMOK_DATA_DIR is right`)
}

/** The records of a data folder. Nothing in it is changed, and no kernel can use it meanwhile. Throws `StoreError`. */
export async function lowdbSource(place: Place, { key, schemas = {} }: CopyOptions): Promise<Source> {
  refuseNothing(place)
  const seal = makeSeal(key)
  const disk = await place.hold()
  try {
    const { epoch, damage } = await beginTerm(readOnly(disk), seal, Date.now(), asideName(Date.now()))
    refuseDamage(damage)
    if (await holdsLockedTexts(disk))
      throw new StoreError(
        'locked-texts',
        'texts that came while imok was locked lie here, and are not in its records yet; nothing was changed: start imok with this data ' +
          'folder once, give it the key, stop it when it watches, and copy then',
      )
    return {
      epoch,
      records: () => readRecords(disk, seal, schemas),
      refuseKernel: () => Promise.resolve(),
      close: () => disk.close(),
    }
  } catch (error) {
    await disk.close()
    throw named(place, error)
  }
}

/** A data folder to be filled, which need not be there yet. Throws `StoreError` if it holds records of its own. */
export function lowdbTarget(place: Place, { key, schemas = {} }: CopyOptions): Target {
  const seal = makeSeal(key)
  const isBegun = (it: Disk): boolean => {
    try {
      return isUnfinished(readOnly(it), FOLDERS, seal)
    } catch (error) {
      throw named(place, error)
    }
  }
  const seen = place.look()
  let disk: Disk | undefined
  let journals: Journals | undefined
  const held = <T>(it: T | undefined): T => {
    if (it === undefined) throw new StoreError('closed', 'the copy has not begun, or has ended')
    return it
  }
  const closeJournals = async (): Promise<void> => {
    if (journals) for (const one of [journals.inbox, journals.addresses, journals.sent]) await one.close()
    journals = undefined
  }
  return {
    isUnfinished: seen !== undefined && isBegun(seen),
    begin: async () => {
      disk = await place.hold()
      isBegun(disk)
      await markUnfinished(disk, seal)
      for (const folder of FOLDERS) {
        await disk.makeFolder(folder)
        for (const name of disk.list(folder)) await disk.remove(`${folder}/${name}`)
        await disk.syncFolder(folder)
      }
      await removeOutList(disk)
      journals = (await openJournals(disk, seal)).journals
    },
    write: (record) => writeRecord(record, held(disk), seal, held(journals)),
    records: () => readRecords(held(disk), seal, schemas),
    finish: async (epoch) => {
      await closeJournals()
      await held(disk).syncFolder(FOLDER)
      await setTerm(held(disk), seal, epoch)
    },
    close: async () => {
      await closeJournals()
      await disk?.close()
      disk = undefined
    },
  }
}

interface Journals {
  inbox: Journal<InboxRecord>
  addresses: Journal<AddressRecord>
  sent: Journal<SentRecord<SimulatedMessage>>
}

async function openJournals(disk: Disk, seal: Seal) {
  const states = {
    // A copy forgets nothing, however long ago it came: both sides must be the same.
    inbox: new InboxState(() => 0),
    addresses: new AddressState(),
    sent: new SentState<SimulatedMessage>(),
  }
  const damage: Damage[] = []
  const open = async <R>(name: string, kept: Kept<R>): Promise<Journal<R>> => {
    const opened = await openJournal<R>({ name, disk, seal, hook, kept, asideName: asideName(Date.now()) })
    damage.push(...opened.damage)
    return opened.journal
  }
  const journals: Journals = {
    inbox: await open('inbox', states.inbox),
    addresses: await open('addresses', states.addresses),
    sent: await open('sent', states.sent),
  }
  return { states, damage, journals }
}

async function* readRecords(disk: Disk, seal: Seal, schemas: Schemas): AsyncGenerator<StoreRecord> {
  const untouched = readOnly(disk)
  const loaded = await loadDocuments(untouched, seal, schemas, asideName(Date.now()))
  const { states, damage } = await openJournals(untouched, seal)
  refuseDamage([...loaded.damage, ...damage])
  const documents = new LowdbDocuments({ disk: untouched, seal, hook, loaded })
  for (const id of loaded.headings.keys()) {
    const document = await documents.read(id)
    if (document) yield { is: 'document', document }
  }
  for (const record of states.addresses.snapshot())
    if ('assign' in record) yield { is: 'address', address: record.assign, member: record.to }
  for (const [id, receivedAt] of states.inbox.remembered()) yield { is: 'done', id, receivedAt }
  for (const [index, item] of states.inbox.pending().entries()) yield { is: 'waiting', place: index + 1, item }
  for (const { n, effectId, entry } of states.sent.snapshot()) yield { is: 'sent', n, effectId, entry }
}

async function writeRecord(record: StoreRecord, disk: Disk, seal: Seal, journals: Journals): Promise<void> {
  switch (record.is) {
    case 'document': {
      const { body, ...heading } = record.document
      const sealed = sealDocument(seal, heading, JSON.stringify(body))
      return replaceFile(disk, `${FOLDER}/${fileOf(heading.id)}`, Buffer.from(JSON.stringify(sealed)))
    }
    case 'address':
      return journals.addresses.append({ assign: record.address, to: record.member })
    case 'waiting':
      return journals.inbox.append({ put: record.item })
    case 'done':
      return journals.inbox.append({ seen: [[record.id, record.receivedAt]] })
    case 'sent':
      return journals.sent.append({ n: record.n, effectId: record.effectId, entry: record.entry })
  }
}

function refuseDamage([first]: readonly Damage[]): void {
  if (!first) return
  const { id, what, setAside } = first
  if (what === 'newer-schema')
    throw new StoreError(what, `document ${id} was written by a newer imok; nothing was changed: install that one`)
  throw new StoreError(
    'damaged',
    setAside.includes('.damaged-')
      ? `${id} cannot be read (${what}); nothing was changed: start imok with this data folder once, so that what is damaged is set aside ` +
          'and the room hears of it; stop it, and copy then'
      : `${setAside} is sealed with a key that was not given; nothing was changed: move it out of the data folder, and copy then`,
  )
}

function named({ name }: Place, error: unknown): StoreError {
  const { code, message } = asStoreError(error, 'copy')
  return new StoreError(code, `${name}: ${message}`, { cause: error })
}
