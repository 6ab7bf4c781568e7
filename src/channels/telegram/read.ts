import type { Api } from 'grammy'
import type { Update } from 'grammy/types'
import { SECOND } from '../../core/time.ts'
import type { Duration } from '../../core/time.ts'
import { wanted } from './heard.ts'
import type { Receive } from './receive.ts'

/** The Bot API's limit for one answer. */
const BATCH = 100
/** Beyond the time that Telegram may hold a request open: an answer that is not there by then is not coming. */
const GRACE: Duration = 8 * SECOND

/** The inbox did not take an update. Telegram keeps it. */
export class NotStored extends Error {
  constructor(cause: unknown) {
    super('an update could not be stored', { cause })
    this.name = 'NotStored'
  }
}

/**
 * Asks Telegram once, letting it hold the request open for `wait` real milliseconds, and stores what comes. Resolves with
 * whether there is nothing more at the moment.
 */
export type Read = (wait: Duration, signal: AbortSignal) => Promise<boolean>

/**
 * Confirms an update to Telegram only after it was stored: the offset moves behind it then and not before, so what a crash or
 * a full disk kept from being stored is delivered again (docs/adr/0004-telegram-polling.md).
 */
export function reader(api: Api, receive: Receive, grace: Duration = GRACE): Read {
  /** The first update that is not stored yet; undefined: whatever is unconfirmed. */
  let offset: number | undefined
  return async (wait, signal) => {
    const updates = await ask(api, offset, wait, AbortSignal.any([signal, AbortSignal.timeout(wait + grace)]))
    for (const update of updates) {
      await receive(update).catch((error: unknown) => {
        throw new NotStored(error)
      })
      offset = update.update_id + 1
    }
    // An empty answer has confirmed all before it. From then on ask for whatever there is: after a quiet week Telegram counts
    // on from a random number, and an offset above it could hide what is new.
    if (updates.length === 0) offset = undefined
    return updates.length < BATCH
  }
}

async function ask(api: Api, offset: number | undefined, wait: Duration, signal: AbortSignal): Promise<Update[]> {
  const question = {
    limit: BATCH,
    timeout: wait / SECOND,
    allowed_updates: wanted,
    ...(offset !== undefined && { offset }),
  }
  // grammY's type is that of a polyfill.
  const updates: unknown = await api.getUpdates(question, signal as Parameters<Api['getUpdates']>[1])
  if (Array.isArray(updates) && updates.every(isNumbered)) return updates as Update[]
  throw Object.assign(new Error('the answer is no list of updates'), { code: 'ODD_ANSWER' })
}

const isNumbered = (update: unknown): boolean =>
  typeof update === 'object' && update !== null && 'update_id' in update && Number.isSafeInteger(update.update_id)
