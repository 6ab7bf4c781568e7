import { chmod } from 'node:fs/promises'
import path from 'node:path'
import { codeOf } from '../app/due-loop.ts'
import { createLockedWatch } from '../app/locked-watch.ts'
import type { Config } from '../config/config.ts'
import { dutyOf } from '../config/people-on-duty.ts'
import { KEY_FILE } from '../crypto/key-files.ts'
import { lockedPages } from '../http/locked-pages.ts'
import { createTexts } from '../i18n/texts.ts'
import { temporalZone } from '../i18n/zone.ts'
import type { MetricsOfKernel } from '../metrics/metrics.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import { findBox, openLockedInbox } from '../stores/locked-inbox.ts'
import type { LockedInbox } from '../stores/locked-inbox.ts'
import type { Disk } from '../stores/lowdb/disk.ts'
import { nodeDisk } from '../stores/lowdb/node-disk.ts'
import type { OfficeTimes } from '../stores/mongodb/office.ts'
import type { OfficeSeen } from '../stores/mongodb/office-seen.ts'
import { readOutList } from '../stores/out-list.ts'
import { awaitKeyFile } from './await-key-file.ts'
import type { Missing } from './data-key.ts'
import { openFront } from './front.ts'
import type { Front } from './front.ts'
import { loadPhones } from './phones.ts'
import { startKeyTrial } from './try-keys.ts'
import type { KeyTrial } from './try-keys.ts'
import { typedCommand } from './typed-command.ts'
import { listenForKey } from './unlock-socket.ts'

/** A kernel that has no data key: it keeps what comes in, tells whoever can unlock it, and waits. */
export interface Locked extends Pick<KeyTrial, 'opened' | 'isOpen'> {
  front: Front
  inbox: LockedInbox
  stop: () => Promise<void>
}

interface Needs {
  config: Config
  missing: Missing
  clock: Clock
  log: Log
  metrics: MetricsOfKernel
  officeTimes?: OfficeTimes | undefined
}

/** Takes the folder and listens. Rejects, with all let go of, if another kernel has the folder, or the address is taken. */
export async function startLocked(needs: Needs): Promise<Locked> {
  const { config, log, metrics } = needs
  const disk = nodeDisk(config.dataDir)
  await chmod(config.dataDir, 0o700)
  const trial = await startKeyTrial(needs)
  let front: Front | undefined
  try {
    front = await openFront(config, log, metrics)
    const { inbox, stop } = await keepWatch(needs, disk, trial, front)
    return {
      ...trial,
      front,
      inbox: { ...inbox, handOver: (next, move) => inbox.handOver(next, move).finally(() => disk.close()) },
      stop: async () => {
        await stop()
        if (trial.isOpen()) return
        await trial.stop()
        await disk.close()
      },
    }
  } catch (error) {
    await front?.close()
    await trial.stop()
    await disk.close()
    throw error
  }
}

/** All that goes on while it is locked. It ends by itself when a key has come. */
async function keepWatch(
  { config, missing, clock, log, metrics }: Needs,
  disk: Disk,
  trial: KeyTrial,
  front: Front,
): Promise<{ inbox: LockedInbox; stop: () => Promise<void> }> {
  const unlock = typedCommand('unlock', config.dataDir)
  const todo = missing.why === 'passphrase' ? unlock : `put ${missing.where} back, imok waits for it`
  const box = await findBox(disk)
  if (!box) log.error('there is no key to seal what comes in with: providers are told to keep it')
  const inbox = await openLockedInbox(disk, box)
  const texts = createTexts({ zone: temporalZone(config.group.timezone) })
  const makePhones = await loadPhones(config)
  const phones = makePhones({ texts, clock, log, metrics, port: front.webhookPort, inbox, somebodyIsOut: () => false })
  front.says.watching = () => ({ ok: false, reasons: ['locked'] })
  front.open({ webhookRoutes: phones.routes, pages: lockedPages(`To unlock it: ${todo}`) })

  // Where there are several kernels this one's list may be long out of date. Whether another one acts can be seen without the key.
  const url = config.mongodbUrl?.reveal()
  const list = url === undefined ? await readOutList(disk) : undefined
  const office = url === undefined ? undefined : await seen(url, log)
  const watch = createLockedWatch({
    due: list?.due,
    ...(office && { isWatched: office.isTaken }),
    notBefore: list?.at,
    duty: dutyOf(config),
    channels: new Map(phones.channels.map((channel) => [channel.name, channel])),
    texts,
    language: config.group.language,
    todo,
    taken: inbox.taken,
    clock,
    log,
    metrics,
  })
  const file = config.secretKeyFile ?? path.join(config.dataDir, KEY_FILE)
  const blind = awaitKeyFile(file, trial.offer, { clock, log })
  const deaf = await listenForKey(config.dataDir, trial.offer).catch((error: unknown) => {
    const code = codeOf(error)
    log.error('npm run unlock will not work here, no socket can be made: start imok with IMOK_SECRET_KEY_FILE', {
      code,
    })
    return () => Promise.resolve()
  })
  const stop = async (): Promise<void> => {
    blind()
    await Promise.all([deaf(), watch.stop(), office?.close()])
  }
  watch.start()
  void trial.opened.then(stop, stop)
  return { inbox, stop }
}

/** The driver is loaded only where there is a database. */
async function seen(url: string, log: Log): Promise<OfficeSeen> {
  const { seeOffice } = await import('../stores/mongodb/office-seen.ts')
  let isSaid = false
  return seeOffice(url, (error) => {
    if (!isSaid) log.warn('the database cannot be asked whether another kernel watches', { code: codeOf(error) })
    isSaid = true
  })
}
