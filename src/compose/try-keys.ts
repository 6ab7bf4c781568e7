import type { Config } from '../config/config.ts'
import { Secret } from '../config/secret.ts'
import type { DataKey } from '../crypto/data-key.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import { StoreError } from '../ports/store.ts'
import { lockFolder } from '../stores/lowdb/folder-lock.ts'
import type { OfficeTimes } from '../stores/mongodb/office.ts'
import { openStore } from './open-store.ts'
import type { Opened } from './open-store.ts'
import type { Verdict } from './unlock-socket.ts'

/** Tries keys on the records, one after the other. */
export interface KeyTrial {
  offer: (key: DataKey) => Promise<Verdict>
  /** Resolves with the store when a key has come that opens it. Rejects if it cannot be opened for another reason. */
  opened: Promise<Opened>
  isOpen: () => boolean
  /** No key is tried any more; lets go of the folder. */
  stop: () => Promise<void>
}

/** Takes the folder until the store does. Rejects if another kernel has it. */
export async function startKeyTrial(options: {
  config: Config
  clock: Clock
  log: Log
  officeTimes?: OfficeTimes | undefined
}): Promise<KeyTrial> {
  const { config, clock, log, officeTimes } = options
  const { promise: opened, resolve, reject } = Promise.withResolvers<Opened>()
  opened.catch(() => undefined)
  let letGo = await lockFolder(config.dataDir)
  let state: 'locked' | 'trying' | 'open' = 'locked'
  const stopping = new AbortController()
  const isStopped = (): boolean => stopping.signal.aborted
  let wrong = 0
  let turn: Promise<unknown> = Promise.resolve()

  const attempt = async (key: DataKey): Promise<Verdict> => {
    // Whoever asked at the same time was first.
    if (state !== 'locked' || isStopped()) return 'opened'
    state = 'trying'
    await letGo()
    try {
      const secretKey = new Secret(key.export().toString('base64'))
      const store = await openStore({ ...config, secretKey }, log, clock.now, officeTimes)
      state = 'open'
      // Nobody waits for it any more.
      if (isStopped()) await store.store.close()
      else resolve(store)
      return 'opened'
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'wrong-key') throw error
      wrong++
      log.error('a key was given that does not open these records; imok stays locked', { count: wrong })
      if (!isStopped()) letGo = await lockFolder(config.dataDir)
      state = 'locked'
      return 'wrong-key'
    }
  }

  return {
    offer: (key) => {
      const mine = turn.then(() => attempt(key))
      turn = mine.catch((error: unknown) => reject(error))
      return mine
    },
    opened,
    isOpen: () => state === 'open' && !isStopped(),
    stop: async () => {
      if (state === 'open') return
      stopping.abort()
      // While a key is tried the folder is the store's.
      if (state === 'locked') await letGo()
    },
  }
}
