import type { KeyObject } from 'node:crypto'
import type { Instant } from '../core/time.ts'
import { frame, readFrames } from '../crypto/frames.ts'
import type { Seal } from '../crypto/seal.ts'
import { boxOpener, boxTo, exportPrivate, importPrivate, makePair, publicOf } from '../crypto/sealed-box.ts'
import type { Box } from '../crypto/sealed-box.ts'
import type { Heard, Inbox, InboxItem } from '../ports/inbox.ts'
import { StoreError } from '../ports/store.ts'
import type { Damage } from '../ports/store.ts'
import { asStoreError, replaceFile } from './lowdb/disk.ts'
import type { Disk, DiskFile } from './lowdb/disk.ts'
import { asideName } from './lowdb/set-aside.ts'

/** What came in while the data key was not there: anybody may add to it, only the data key leads to what is in it. */
const FILE = 'locked-inbox'
/** The pair that it is sealed to: the public part in clear, the private one sealed with the data key. */
export const PAIR = 'locked-inbox.key'
const FORMAT = 1
const LONGEST_PAIR = 2_000 // bytes

/** Bytes. Some ten thousand texts: more is a flood, and what does not fit stays with the provider. */
export const MOST: number = 8 * 1024 * 1024

interface Pair {
  format: number
  publicKey: string
  /** Of the data key that the private part is sealed with. */
  keyId: string
  privateKey: string
}

/** To be called by every kernel that has the data key, so that the next one without it can take texts in. Durable. Throws `StoreError`. */
export async function ensurePair(disk: Disk, seal: Seal, now: Instant): Promise<void> {
  try {
    const found = await disk.read(PAIR)
    if (found && privateIn(found, seal)) return
    // Perhaps another data key opens it, and with it what was sealed to it.
    if (found) await disk.rename(PAIR, `${PAIR}.${asideName(now)}`)
    const { publicKey, privateKey } = makePair()
    const sealed = seal.of(PAIR).seal(publicKey, exportPrivate(privateKey)).toString('base64')
    const pair: Pair = { format: FORMAT, publicKey, keyId: seal.keyId, privateKey: sealed }
    await replaceFile(disk, PAIR, Buffer.from(`${JSON.stringify(pair)}\n`))
    await disk.syncFolder('.')
  } catch (error) {
    throw asStoreError(error, 'keep the key for what comes in while locked')
  }
}

/** What a kernel without the data key can seal to; undefined if none was ever made here. */
export async function findBox(disk: Disk): Promise<Box | undefined> {
  try {
    const bytes = await disk.read(PAIR)
    const pair = bytes && parsePair(bytes)
    return pair && boxTo(pair.publicKey)
  } catch {
    return undefined
  }
}

function parsePair(bytes: Buffer): Pair | undefined {
  if (bytes.length > LONGEST_PAIR) return undefined
  try {
    const pair = JSON.parse(bytes.toString('utf8')) as Partial<Pair> | null
    const whole = [pair?.publicKey, pair?.keyId, pair?.privateKey].every((one) => typeof one === 'string')
    return whole && pair?.format === FORMAT ? (pair as Pair) : undefined
  } catch {
    return undefined
  }
}

/** Undefined if this data key does not open it, or the public part is not its own: somebody may have put another in its place. */
function privateIn(bytes: Buffer, seal: Seal): KeyObject | undefined {
  const pair = parsePair(bytes)
  if (!pair) return undefined
  try {
    const opened = seal.of(PAIR).openBytes(pair.keyId, pair.publicKey, Buffer.from(pair.privateKey, 'base64'))
    const privateKey = importPrivate(opened)
    return publicOf(privateKey) === pair.publicKey ? privateKey : undefined
  } catch {
    return undefined
  }
}

/** The way in of a kernel that is locked. */
export interface LockedInbox extends Pick<Inbox, 'put'> {
  /** How many were taken in since it was opened. */
  taken: () => number
  /** The data key is here: what is under way is finished, `move` moves what is kept, and everything from now on goes on to `next`. */
  handOver: (next: Pick<Inbox, 'put'>, move: () => Promise<void>) => Promise<void>
}

/** One process at a time: the caller holds the folder. Without a box nothing can be taken. Throws `StoreError`. */
export async function openLockedInbox(disk: Disk, box: Box | undefined): Promise<LockedInbox> {
  const known = new Set<string>()
  let file: DiskFile | undefined
  let end = 0
  let isDirty = false
  let turn: Promise<unknown> = Promise.resolve()
  let next: Pick<Inbox, 'put'> | undefined
  let moved: Promise<void> = Promise.resolve()

  const found = await disk.read(FILE)
  if (found) end = endOf(found)
  isDirty = found !== undefined && found.length > end

  const ready = async (): Promise<DiskFile> => {
    if (!file) {
      file = found ? await disk.open(FILE) : await disk.create(FILE)
      await disk.syncFolder('.')
    }
    // What a failed write, or a crash in the middle of one, may have left: it was promised to nobody.
    if (isDirty) await file.truncate(end)
    isDirty = false
    return file
  }

  const append = async (item: InboxItem): Promise<'stored' | 'duplicate'> => {
    if (known.has(item.id)) return 'duplicate'
    if (!box) throw new StoreError('locked', 'imok is locked, and has no key to seal this with')
    const bytes = frame(box, box.keyId, end, JSON.stringify(item))
    if (end + bytes.length > MOST) throw new StoreError('locked-full', 'imok is locked, and holds all that it may')
    try {
      const to = await ready()
      isDirty = true
      await to.write(bytes, end)
      await to.sync()
    } catch (error) {
      throw asStoreError(error, 'keep what came in while locked')
    }
    isDirty = false
    end += bytes.length
    known.add(item.id)
    return 'stored'
  }

  return {
    taken: () => known.size,
    put: async (item) => {
      if (next) {
        const to = next
        // What could not be moved is tried again; what comes now need not wait for that.
        await moved.catch(() => undefined)
        return to.put(item)
      }
      const mine = turn.then(() => append(item))
      turn = mine.catch(() => undefined)
      return mine
    },
    handOver: async (to, move) => {
      next = to
      moved = turn.then(async () => {
        await file?.close().catch(() => undefined)
        await move()
      })
      await moved
    },
  }
}

/** Whether something lies here that is not in the inbox yet. */
export const holdsLockedTexts = async (disk: Pick<Disk, 'read'>): Promise<boolean> =>
  (await disk.read(FILE)) !== undefined

/** Where the last whole record ends; the checksums tell, which need no key. */
const endOf = (bytes: Buffer): number => readFrames(bytes, { openBytes: () => Buffer.alloc(0) }, () => undefined).end

/**
 * Puts what came in while locked into the inbox, under its ids, and removes it when all of it is there. Resolves with what could not be read: a
 * copy of it is set aside. To be called at every start: a crash in between leaves it where it is, and the ids keep it from being applied twice.
 * Throws `StoreError`: then nothing is removed.
 */
export async function moveLockedInbox(
  disk: Disk,
  seal: Seal,
  inbox: Pick<Inbox, 'put'>,
  now: Instant,
): Promise<Damage[]> {
  try {
    const [bytes, pair] = [await disk.read(FILE), await disk.read(PAIR)]
    if (!bytes) return []
    const privateKey = pair && privateIn(pair, seal)
    const items: InboxItem[] = []
    let isWhole = privateKey !== undefined
    if (privateKey) {
      const read = readFrames(bytes, boxOpener(privateKey), (record) => {
        const item = itemIn(record, now)
        if (item) items.push(item)
        else isWhole = false
      })
      if (read.damaged) isWhole = false
    }
    for (const item of items) await inbox.put(item)
    if (isWhole) await disk.remove(FILE)
    else await disk.rename(FILE, `${FILE}.${asideName(now)}`)
    await disk.syncFolder('.')
    return isWhole ? [] : [{ id: FILE, what: 'undecryptable', setAside: `${FILE}.${asideName(now)}` }]
  } catch (error) {
    throw asStoreError(error, 'take in what came while locked')
  }
}

/** What comes from phones. The room is not read while locked, so no order is among it: what seals is no secret, and whoever has the disk might add one. */
const fromPhones: ReadonlySet<unknown> = new Set<Heard['type']>(['message', 'link', 'receipt', 'line-cut', 'moved'])

/** Undefined for what no channel of ours would have put there. */
function itemIn(record: Buffer, now: Instant): InboxItem | undefined {
  try {
    const item = JSON.parse(record.toString('utf8')) as InboxItem
    const { id, sender, receivedAt, heard } = item
    const isOurs =
      isText(id) && isText(sender) && Number.isSafeInteger(receivedAt) && fromPhones.has(heard.type) && isSaid(heard)
    // Nothing came later than now: the clock goes on from what is stored.
    return isOurs ? { ...item, receivedAt: Math.min(receivedAt, now) } : undefined
  } catch {
    return undefined
  }
}

const isText = (one: unknown, most = 500): boolean => typeof one === 'string' && one.length <= most

const isSaid = (heard: Heard): boolean =>
  (!('from' in heard) || (isText(heard.from.channel) && isText(heard.from.address))) &&
  (!('text' in heard) || isText(heard.text, MOST))
