import { createHash, randomBytes } from 'node:crypto'
import { closeSync, openSync } from 'node:fs'
import { link, realpath, rename, stat, unlink } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StoreError } from '../../ports/store.ts'

/** The shortest limit of `sun_path` (macOS 104, Linux 108), less the closing zero. */
const LONGEST_PATH = 103
const ATTEMPTS = 20

/**
 * One process for each folder: a Unix socket in it. The system lets go of it however the process ends, so a socket that refuses a connection is
 * stale and taken at once; and it holds between containers that share the folder, where process ids mean nothing.
 * Throws `StoreError('locked')`. Resolves with how to let go.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const place = await choosePlace(await realpath(folder))
  const mine = `${place.path}-${randomBytes(4).toString('hex')}`
  let server: Server
  try {
    server = await listen(mine)
  } catch (error) {
    place.leave()
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new StoreError(code, `cannot lock ${folder}: ${code}`, { cause: error })
  }
  try {
    await take(mine, place.path, folder)
  } catch (error) {
    await close(server)
    place.leave()
    throw error
  } finally {
    await unlink(mine).catch(() => undefined)
  }
  const ino = await inodeOf(place.path)
  return async () => {
    // Not if somebody else's stands there by now.
    if ((await inodeOf(place.path)) === ino) await unlink(place.path).catch(() => undefined)
    await close(server)
    place.leave()
  }
}

interface Place {
  path: string
  leave: () => void
}

/** In the folder itself if the name is not too long; else through a handle of the folder (Linux); else by its hash in the system's temporary folder. */
async function choosePlace(folder: string): Promise<Place> {
  const nothing = (): void => undefined
  const direct = join(folder, 'lock')
  const fits = (path: string): boolean => Buffer.byteLength(path) + 9 <= LONGEST_PATH
  if (fits(direct) && (await canHoldSockets(direct))) return { path: direct, leave: nothing }
  if (!fits(direct) && process.platform === 'linux') {
    const handle = openSync(folder, 'r')
    const path = `/proc/self/fd/${handle}/lock`
    if (await canHoldSockets(path)) return { path, leave: () => closeSync(handle) }
    closeSync(handle)
  }
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 16)
  return { path: join(tmpdir(), `imok-${hash}`), leave: nothing }
}

/** Some file systems (shared folders of desktop container systems) hold no sockets. Full or read-only disks are not meant: they must be told of. */
async function canHoldSockets(path: string): Promise<boolean> {
  try {
    await close(await listen(`${path}-${randomBytes(4).toString('hex')}`))
    return true
  } catch (error) {
    return !['ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'EPERM', 'ENAMETOOLONG'].includes(
      (error as NodeJS.ErrnoException).code ?? '',
    )
  }
}

/** `link` is what decides between several: it gives the name to one. */
async function take(mine: string, path: string, folder: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      await link(mine, path)
      return
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'EEXIST')
        throw new StoreError(code ?? 'unknown', `cannot lock ${folder}: ${code ?? 'unknown'}`, { cause: error })
    }
    const seen = await inodeOf(path)
    if (await answers(path)) break
    await clear(path, seen)
  }
  throw new StoreError('locked', `another imok is using ${folder}: stop it, or give this one another data folder`)
}

/**
 * Takes a stale socket away, if it is still the one that was `seen`. Should a live one have come in its place in the last microseconds, it is put
 * back; only a third process that comes in between those two could then hold the folder as well.
 */
async function clear(path: string, seen: number | undefined): Promise<void> {
  const aside = `${path}-${randomBytes(4).toString('hex')}`
  if ((await inodeOf(path)) !== seen) return
  try {
    await rename(path, aside)
  } catch {
    return
  }
  if (await answers(aside)) await link(aside, path).catch(() => undefined)
  await unlink(aside).catch(() => undefined)
}

const inodeOf = async (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ ino }) => ino,
    () => undefined,
  )

/** Anything but a refusal counts as life: to wait for a human is safer than two kernels in one folder. */
const answers = async (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')
    })
  })

const listen = async (path: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', reject)
    server.listen(path, () => {
      server.unref()
      resolve(server)
    })
  })

const close = async (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()))
