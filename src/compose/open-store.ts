import { mkdir } from 'node:fs/promises'
import { SCHEMA } from '../app/house.ts'
import type { AgendaBackend } from 'agenda'
import { codeOf } from '../app/due-loop.ts'
import type { Config } from '../config/config.ts'
import type { Duration, Instant } from '../core/time.ts'
import { MINUTE, SECOND } from '../core/time.ts'
import type { DataKey } from '../crypto/data-key.ts'
import type { Log } from '../ports/log.ts'
import type { Office } from '../ports/office.ts'
import { StoreError } from '../ports/store.ts'
import type { Store } from '../ports/store.ts'
import { lockFolder } from '../stores/lowdb/folder-lock.ts'
import { openLowdbStore } from '../stores/lowdb/index.ts'
import { nodeDisk } from '../stores/lowdb/node-disk.ts'
import { removeSetAside } from '../stores/lowdb/set-aside.ts'
import { once } from '../stores/lowdb/open-store.ts'
import type { OfficeTimes } from '../stores/mongodb/office.ts'
import { openPatiently } from '../stores/open-patiently.ts'
import { dataKeyOf, hasServed } from './data-key.ts'

export interface Opened {
  store: Store
  key: DataKey
  /** Present where several kernels may share the store. */
  office?: Office
  /** Where Agenda's jobs lie then. */
  jobs?: () => Promise<AgendaBackend>
}

/** Real milliseconds for which it may be seen in passing, and after which it is over when it is not seen again. */
const LATE: Duration = 5 * SECOND
const OVER: Duration = 10 * SECOND

/** What this version understands. */
export const schemas = { member: SCHEMA, group: SCHEMA, watch: SCHEMA, room: SCHEMA }

/** The store that the configuration asks for: MongoDB where its address is set, else the data folder. Throws `StoreError` and `KeyError`. */
export async function openStore(
  config: Config,
  log: Log,
  now: () => Instant,
  officeTimes?: OfficeTimes,
): Promise<Opened> {
  const { mongodbUrl, dataDir } = config
  if (!mongodbUrl) {
    const key = await dataKeyOf(config)
    return { key, store: await openPatiently(() => openLowdbStore({ folder: dataDir, key, now, schemas }), log) }
  }
  const letGo = await holdFolder(dataDir, log)
  try {
    return await openDatabase({ ...config, mongodbUrl }, log, now, letGo, officeTimes)
  } catch (error) {
    await letGo()
    throw error
  }
}

/**
 * So that no kernel begins with an old store that lies there, and nobody changes the place of the key, while this one is at work. A disk on which
 * that cannot be had is no reason to leave the records in the database unwatched. Throws `StoreError('locked')`.
 */
async function holdFolder(folder: string, log: Log): Promise<() => Promise<void>> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return await lockFolder(folder)
  } catch (error) {
    if (error instanceof StoreError && error.code === 'locked') throw error
    log.warn(
      'the data folder cannot be held, so nothing keeps a second imok out of it: see to it that none is started there, and mend the disk',
      { code: codeOf(error) },
    )
    return () => Promise.resolve()
  }
}

async function openDatabase(
  config: Config & Required<Pick<Config, 'mongodbUrl'>>,
  log: Log,
  now: () => Instant,
  letGo: () => Promise<void>,
  officeTimes?: OfficeTimes,
): Promise<Opened> {
  const { mongodbUrl } = config
  const { openMongoStore } = await import('../stores/mongodb/index.ts')
  let key: DataKey | undefined
  const store = await openPatiently(
    () =>
      openMongoStore({
        url: mongodbUrl.reveal(),
        key: async (holdsData) => {
          if (!holdsData && (await hasServed(config.dataDir))) throw emptied(config.dataDir)
          return (key = await dataKeyOf(config, holdsData ? 'the database' : undefined))
        },
        now,
        schemas,
        ...(officeTimes && { times: officeTimes }),
        onTrouble: logTrouble(log),
      }),
    log,
  )
  const { close, tidy } = store
  // Of texts that came while locked: they lie here, whatever else the database holds.
  store.tidy = async (before) => {
    await tidy(before)
    const folder = nodeDisk(config.dataDir)
    await removeSetAside(folder, ['.'], before.setAside).finally(() => folder.close())
  }
  store.close = once(async () => close().finally(letGo))
  const jobs = async (): Promise<AgendaBackend> => (await import('../jobs/mongo-backend.ts')).mongoBackend(store.db)
  return { store, key: key ?? (await dataKeyOf(config)), office: store.office, jobs }
}

/** What is seen every second and takes many words is said once a minute, and not of a moment in which a new primary server reads a little late. */
function logTrouble(log: Log): (error: unknown) => void {
  let strange: { since: number; at: number; saidAt: number } | undefined
  return (error) => {
    const code = codeOf(error)
    if (code !== 'mongodb-not-ours')
      return log.warn('the database could not be asked which kernel is active; it is asked again in a second', { code })
    const now = performance.now()
    if (!strange || now - strange.at > OVER) strange = { since: now, at: now, saidAt: -Infinity }
    strange.at = now
    if (now - strange.since < LATE || now - strange.saidAt < MINUTE) return
    strange.saidAt = now
    log.error((error as StoreError).message, { code })
  }
}

/** An empty group would look well, and nobody would miss the one that there was. */
const emptied = (folder: string): StoreError =>
  new StoreError(
    'mongodb-emptied',
    `the database is empty, but imok has watched with the data folder ${folder} before; nothing was changed: put back the dump of the database, copy the old ` +
      'records there (docs/growing.md, "Moving there"), or set IMOK_MONGODB_URL right; to begin an empty group, take a new data folder',
  )
