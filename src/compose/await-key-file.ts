import { open } from 'node:fs/promises'
import type { DataKey } from '../crypto/data-key.ts'
import { keyId, parseDataKey } from '../crypto/data-key.ts'
import type { Duration } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'

/** Real milliseconds from one look to the next. */
const LOOK: Duration = 2 * SECOND
/** Bytes: a key has 64 at most. */
const LONGEST = 1_000

/** Looks again and again whether the file with the key is there, and offers what it holds: each key once. Returns how to end it. */
export function awaitKeyFile(
  where: string,
  offer: (key: DataKey) => Promise<unknown>,
  { clock, log }: { clock: Pick<Clock, 'every'>; log: Log },
): () => void {
  const refused = new Set<string>()
  let said: string | undefined
  let isLooking = false

  const look = async (): Promise<void> => {
    const text = await beginningOf(where)
    if (text === undefined) return
    const key = parseDataKey(text, where)
    if (refused.has(keyId(key))) return
    refused.add(keyId(key))
    await offer(key)
  }

  return clock.every(LOOK, () => {
    if (isLooking) return
    isLooking = true
    look()
      .catch((error: unknown) => {
        const why = error instanceof Error ? error.message : 'unknown'
        // It may be half written. Said once, and again when it is something else.
        if (why !== said) log.error(`the key cannot be used: ${why}`)
        said = why
      })
      .finally(() => (isLooking = false))
  })
}

/** Undefined if there is no such file. */
async function beginningOf(where: string): Promise<string | undefined> {
  let file
  try {
    file = await open(where, 'r')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new Error(`${where} cannot be read (${String(code)})`, { cause: error })
  }
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LONGEST), 0, LONGEST, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}
