import {
  MongoClientClosedError,
  MongoCompatibilityError,
  MongoNetworkError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from 'mongodb'
import { createGate } from '../../app/gate.ts'
import type { Duration } from '../../core/time.ts'
import { SECOND } from '../../core/time.ts'
import { StoreError } from '../../ports/store.ts'

/** Called at named points of each call (`insert:start`, `insert:answered` …). What it throws is as if the connection had broken there. */
export type Hook = (point: string) => void | Promise<void>

/** Real milliseconds that one call may take with all its tries. A provider that waits for our answer waits 15 s. */
const LONGEST: Duration = 9 * SECOND

/** The same while the last call has failed: whoever watches over somebody must not wait for what is not there. */
const LONGEST_AWAY: Duration = 1.5 * SECOND

/**
 * A call that broke is repeated at once, so often in all: an election in a replica set breaks every connection once, and each connection that breaks
 * takes with it whatever waits for one.
 */
const TRIES = 6

/** Between two looks whether a majority has what one server has. Real milliseconds. */
const SHORT: Duration = 20

/** Calls to the server, each with an end. */
export interface Calls {
  /**
   * `work` is done, and done again when the connection breaks: it must be safe to repeat. Throws `StoreError`: then it may have been done
   * or not.
   */
  call: <T>(what: string, work: (tries: number) => Promise<T>) => Promise<T>
}

export interface Wire extends Calls {
  /** For calls that go in line, so many at a time. Those on the wire itself do not wait for them. */
  line: (most: number) => Calls
  close: () => void
}

export function createWire(hook: Hook): Wire {
  let isClosed = false
  const refuseClosed = (): void => {
    if (isClosed) throw new StoreError('closed', 'the store is closed')
  }

  let isAway = false

  const once = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    refuseClosed()
    await hook(`${what}:start`)
    const result = await work()
    await hook(`${what}:answered`)
    return result
  }

  const insist = async <T>(what: string, work: (tries: number) => Promise<T>, until: number): Promise<T> => {
    for (let tries = 1; ; tries++) {
      try {
        return await once(what, () => work(tries))
      } catch (error) {
        const isOver = performance.now() >= until
        if (error instanceof NotYet && !isOver) await new Promise((go) => setTimeout(go, SHORT))
        else if (!isPassing(error) || tries >= TRIES || isOver) throw asStoreError(error, what)
      }
    }
  }

  const longest = (): Duration => (isAway ? LONGEST_AWAY : LONGEST)

  const callUntil = async <T>(what: string, work: (tries: number) => Promise<T>, until: number): Promise<T> => {
    try {
      const answer = insist(what, work, until)
      // Also one that comes too late shows that somebody is there: one that is slow must not count as away for ever.
      answer.then(
        () => (isAway = false),
        () => undefined,
      )
      return await inTime(answer, until - performance.now(), what)
    } catch (error) {
      isAway = error instanceof StoreError && (error.code === 'timeout' || error.code === 'mongodb-unreachable')
      throw error
    }
  }

  return {
    call: (what, work) => callUntil(what, work, performance.now() + longest()),
    line: (most) => {
      const gate = createGate(most)
      return {
        call: async (what, work) => {
          const limit = longest()
          const until = performance.now() + limit
          // A timer may be a moment before its time.
          let isGivenUp = false
          const made = gate(() => {
            // Nobody waits for it any more, and perhaps somebody else acts by now.
            if (isGivenUp || performance.now() >= until) throw late(what)
            return callUntil(what, work, until)
          })
          return inTime(made, limit, what).finally(() => (isGivenUp = true))
        },
      }
    },
    close: () => {
      isClosed = true
    },
  }
}

const late = (what: string): StoreError => new StoreError('timeout', `MongoDB did not answer in time (${what})`)

/** One server has it, a majority does not yet: asked again in a moment. */
export class NotYet extends Error {}

function inTime<T>(work: Promise<T>, longest: Duration, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late(what)), Math.max(0, longest))
  })
  return Promise.race([work, over]).finally(() => clearTimeout(timer))
}

/** Not-primary, shutting down, and a write that a majority has not confirmed in time. */
const passingCodes: ReadonlySet<unknown> = new Set([
  6, 7, 64, 89, 91, 189, 262, 9001, 10_107, 11_600, 11_602, 13_435, 13_436,
])

/** Measured (driver 7.9.0): an error of the socket comes as it is while a write waits for room in it. */
const ofSocket: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'ETIMEDOUT',
  'ERR_STREAM_DESTROYED',
])

const isBroken = (error: unknown): boolean =>
  error instanceof MongoNetworkError || (error instanceof Error && 'code' in error && ofSocket.has(error.code))

const isPassing = (error: unknown): boolean =>
  isBroken(error) ||
  // Everything was connected anew while it waited, or was on its way.
  error instanceof MongoTopologyClosedError ||
  error instanceof MongoClientClosedError ||
  (error instanceof MongoServerError && passingCodes.has(error.code))

export const isDuplicateKey = (error: unknown): boolean => error instanceof MongoServerError && error.code === 11_000

/** What an operator must know, in one sentence; never with the address, which may hold a password. */
export function asStoreError(error: unknown, doing: string): StoreError {
  if (error instanceof StoreError) return error
  const [code, said] = explained(error)
  return new StoreError(code, `MongoDB: ${said} (${doing})`, { cause: error })
}

function causesOf(error: unknown): unknown[] {
  const causes = [error]
  for (let it = error; it instanceof Error && it.cause !== undefined && causes.length < 9; it = it.cause)
    causes.push(it.cause)
  return causes
}

function explained(error: unknown): [code: string, said: string] {
  const causes = causesOf(error)
  const codes = causes.map((it) => String((it as { code?: unknown } | undefined)?.code))
  if (
    causes.some((it) => it instanceof MongoCompatibilityError) ||
    /maximum wire version|reports wire version/i.test(String(error))
  )
    return ['mongodb-too-old', 'this server is too old; version 4.4 or later is needed']
  if (error instanceof MongoServerError) {
    if (error.code === 18 || error.code === 8000)
      return [
        'mongodb-no-permission',
        'the server refuses the user or the password in IMOK_MONGODB_URL; put them right',
      ]
    if (error.code === 13)
      return [
        'mongodb-no-permission',
        'the user in IMOK_MONGODB_URL may not do this; give that user the role readWrite on this database',
      ]
    return [
      `mongodb-${error.codeName ?? String(error.code)}`,
      `the server refuses (${error.codeName ?? String(error.code)})`,
    ]
  }
  const isOfNetwork = causes.some((it) => isBroken(it) || it instanceof MongoServerSelectionError)
  const unread = isOfNetwork ? undefined : codes.find((code) => /^(ENOENT|EACCES|EISDIR)$/.test(code))
  if (unread !== undefined)
    return [
      'mongodb-address',
      `a file that IMOK_MONGODB_URL names cannot be read by this user (${unread}); look at tlsCAFile and tlsCertificateKeyFile in it`,
    ]
  const untrusted = codes.find((code) => /CERT|ISSUER|UNABLE_TO_VERIFY/.test(code))
  if (untrusted !== undefined)
    return [
      'mongodb-unreachable',
      `the server's certificate is not trusted (${untrusted}); a certificate authority of your own is named in IMOK_MONGODB_URL: &tlsCAFile=/path/of/ca.pem`,
    ]
  const isUnnamed = causes.some((it) => (it as { syscall?: unknown } | undefined)?.syscall === 'querySrv')
  if (isUnnamed || isOfNetwork)
    return [
      'mongodb-unreachable',
      'the server cannot be reached; look whether it runs and whether the address in IMOK_MONGODB_URL is right',
    ]
  const name = error instanceof Error ? error.name : 'unknown'
  return [`mongodb-${name}`, `something went wrong (${name})`]
}
