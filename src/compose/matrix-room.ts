import path from 'node:path'
import type { Given } from '../app/engine.ts'
import type { Fence } from '../app/fence.ts'
import { createVoice } from '../app/fence.ts'
import { matrixRoom } from '../channels/matrix/channel.ts'
import { openVault } from '../channels/matrix/open-vault.ts'
import type { Config } from '../config/config.ts'
import { matrixSettings } from './matrix-settings.ts'
import type { Seal } from '../crypto/seal.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log, Metrics } from '../ports/log.ts'
import type { Room } from '../ports/channel.ts'
import type { FetchMedia } from '../ports/media.ts'
import type { Store } from '../ports/store.ts'
import type { Renderer } from '../ports/texts.ts'

/** The room's name on the homeserver, where everybody who runs it can read it. */
const ROOM_NAME = 'imok'

/** The encrypted room, as the configuration asks for it. Loaded only where there is one: it costs 50 MB. */
export function composeMatrixRoom(
  materials: {
    config: Config
    store: Store
    seal: Seal
    fence?: Fence
    texts: Renderer
    clock: Clock
    log: Log
    metrics: Metrics
  },
  given: Given,
  fetchMedia: FetchMedia,
): Room | undefined {
  const { config, store, seal, fence, texts, clock, log, metrics } = materials
  const settings = matrixSettings(config)
  if (!settings) return undefined
  return matrixRoom({
    settings,
    documents: store.documents,
    openVault: (onFailure) => openVault({ folder: path.join(config.dataDir, 'matrix'), seal, onFailure }),
    showRecoveryKey,
    roomName: ROOM_NAME,
    ...(fence && { isActing: fence.isOurs, ...createVoice(fence) }),
    inbox: given.inbox,
    tell: given.announce,
    fetchMedia,
    texts,
    language: config.group.language,
    clock,
    log,
    metrics,
  })
}

/** For the operator's eyes: on the terminal or in the service's journal, and nowhere else. */
function showRecoveryKey(written: string): void {
  process.stdout.write(
    `\nThe recovery key of imok's Matrix account. Write it down on paper, now, and keep it away from this machine:\n\n    ${written}\n\nWith it, and a backup, imok can come back as the same person after a loss of everything.\nWhen you have it on paper: npm run matrix -- confirm-recovery-key\n\n`,
  )
}
