import { chmod, rm } from 'node:fs/promises'
import { closeSync, openSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'
import path from 'node:path'
import { parseDataKey } from '../crypto/data-key.ts'
import type { DataKey } from '../crypto/data-key.ts'

const NAME = 'unlock'
/** The shortest limit of `sun_path` (macOS 104, Linux 108), less the closing zero. */
const LONGEST_PATH = 103
/** Characters that the key with its newline may take; nobody who means well sends more. */
const LONGEST_LINE = 100
/** Real milliseconds for the key to arrive. */
const WITHIN = 5_000
/** Real milliseconds after which whoever hands over a key is told that it takes long: a store of any size is open before. */
const PATIENCE = 15_000
/** Callers side by side. */
const MOST_CALLERS = 4

/** What became of a key: it opens the records; it does not; it is none. */
export type Verdict = 'opened' | 'wrong-key' | 'no-key'

const verdicts: readonly string[] = ['opened', 'wrong-key', 'no-key'] satisfies Verdict[]

/** Takes keys from this machine's user, one a connection: a line in, a line out. Resolves with how to end it. The caller holds the folder. */
export async function listenForKey(
  folder: string,
  offer: (key: DataKey) => Promise<Verdict>,
): Promise<() => Promise<void>> {
  const place = placeIn(folder)
  await rm(place.path, { force: true })
  const server = createServer((socket) => void answer(socket, offer))
  server.maxConnections = MOST_CALLERS
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(place.path, resolve)
  })
  server.unref()
  await chmod(place.path, 0o600)
  let ended: Promise<void> | undefined
  return () =>
    (ended ??= new Promise((resolve) => server.close(resolve)).then(() => {
      place.leave()
    }))
}

async function answer(socket: Socket, offer: (key: DataKey) => Promise<Verdict>): Promise<void> {
  // Who goes away is not missed.
  socket.on('error', () => undefined)
  const line = await lineFrom(socket)
  const key = line === undefined ? undefined : keyIn(line)
  const verdict = key ? await offer(key).catch(() => undefined) : 'no-key'
  if (verdict) socket.end(`${verdict}\n`)
  else socket.destroy()
}

function keyIn(line: string): DataKey | undefined {
  try {
    return parseDataKey(line, 'unlock')
  } catch {
    return undefined
  }
}

/** Hands the key to the kernel that is locked, however long that takes: `slow` is called once when it has taken `patience` real milliseconds. Undefined if it ended before it could answer. Throws what `connect` does: `ENOENT`, `ECONNREFUSED` when none is. */
export async function handKey(
  folder: string,
  key: DataKey,
  { slow = () => undefined, patience = PATIENCE }: { slow?: () => void; patience?: number } = {},
): Promise<Verdict | undefined> {
  const place = placeIn(folder)
  const socket = connect(place.path)
  let timer: NodeJS.Timeout | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    socket.on('error', () => undefined)
    socket.write(`${key.export().toString('base64')}\n`)
    timer = setTimeout(slow, patience)
    const line = await lineFrom(socket, Infinity)
    return verdicts.includes(line ?? '') ? (line as Verdict) : undefined
  } finally {
    clearTimeout(timer)
    socket.destroy()
    place.leave()
  }
}

/** The first line; undefined if none comes, or not in time, or one that is too long. */
function lineFrom(socket: Socket, within = WITHIN): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = ''
    const timer = within === Infinity ? undefined : setTimeout(() => end(undefined), within)
    const end = (line: string | undefined): void => {
      clearTimeout(timer)
      socket.off('data', take)
      resolve(line)
    }
    const take = (bytes: Buffer): void => {
      text += bytes.toString('latin1')
      const [line = '', ...more] = text.split('\n')
      if (more.length > 0 && line.length < LONGEST_LINE) end(line)
      else if (text.length >= LONGEST_LINE) end(undefined)
    }
    socket.on('data', take)
    socket.once('close', () => end(undefined))
    socket.once('end', () => end(undefined))
  })
}

/** In the folder itself; if its name is too long for a socket, through a handle of the folder (Linux). */
function placeIn(folder: string): { path: string; leave: () => void } {
  const direct = path.join(folder, NAME)
  if (Buffer.byteLength(direct) <= LONGEST_PATH || process.platform !== 'linux')
    return { path: direct, leave: () => undefined }
  const handle = openSync(folder, 'r')
  return { path: `/proc/self/fd/${String(handle)}/${NAME}`, leave: () => closeSync(handle) }
}
