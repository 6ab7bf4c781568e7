import { statSync, unlinkSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CryptoStoreError } from './crypto-store-error.ts'

/**
 * One open store for each folder. The data folder has a lock already, so this is the second guard: it must never be in the way after
 * a crash, and needs no care for containers. On Linux it is an abstract Unix socket, which is a name without a file: the system gives it to one
 * and takes it back however the process ends. Elsewhere a socket file, taken over when nobody answers. (And the journal looks before each
 * append whether its file is as long as it left it.) Throws `CryptoStoreError('locked')`. Resolves with how to let go.
 */
export async function guardFolder(folder: string): Promise<() => void> {
  // Who may not look into the data folder cannot know the number, and so not take the name to shut us out.
  const { dev, ino } = statSync(folder)
  const isAbstract = process.platform === 'linux'
  const name = `imok-crypto-store-${dev}-${ino}`
  const address = isAbstract ? `\0${name}` : join(tmpdir(), name)
  const server =
    (await listen(address)) ??
    (!isAbstract && !(await answers(address)) ? (unlinkSync(address), await listen(address)) : undefined)
  if (!server) throw new CryptoStoreError('locked', 'the crypto store is open already')
  return () => void server.close()
}

/** Nothing if the address is taken. */
const listen = async (address: string): Promise<Server | undefined> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    server.listen(address, () => {
      server.unref()
      resolve(server)
    })
  })

const answers = async (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(address)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'))
  })
