// The test's side of an admin's app (js-client-process.mjs).
import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { findSynapse } from './synapse-home.mjs'
import type { Account, Synapse } from './synapse.ts'

/** An event as that app shows it. It is told again when it was decrypted later. */
export interface SeenEvent {
  id: string
  room: string
  /** By the homeserver's clock. */
  at: number
  /** When the app had it as it is told here. */
  seenAt: number
  sender: string
  type: string
  content: Record<string, unknown>
  body?: string
  encrypted: boolean
  /** It cannot be read. */
  failed?: string
  /** As the server has it. */
  wire: Record<string, unknown>
  state?: string
  /** 0: nothing is said of it; 1 grey, 2 red. */
  shield?: { color: number; reason: number | null }
  /** What its default push rules say of it, after decryption. */
  push?: { notify: boolean; sound?: string; highlight?: boolean }
}

export interface JsClient {
  userId: string
  deviceId: string
  token: string
  /** Everything it was told, in order. */
  seen: SeenEvent[]
  /** Waits for an event, what was seen before included. */
  sees: (fits: (event: SeenEvent) => boolean, within?: number) => Promise<SeenEvent>
  /** Waits for a readable message whose body fits. */
  reads: (body: RegExp, within?: number) => Promise<SeenEvent>
  /** Readable messages so far whose body fits, once for each event. */
  messages: (body: RegExp) => SeenEvent[]
  call: <T = Record<string, never>>(command: string, args?: object) => Promise<T>
  /** Writes in the room, encrypted by the app. */
  writes: (room: string, text: string, more?: object) => Promise<string>
  stop: () => Promise<void>
}

/** What is no alarm waits until the server's default limits would allow it again: half a minute after a busy one. */
const PATIENCE = 60_000

/** Signs in; `identity`: sets up the keys of a person who uses their app for the first time. `nio`: the app is made of matrix-nio instead. */
export async function startJsClient(
  synapse: Pick<Synapse, 'url'>,
  account: Account,
  options: { identity?: boolean; deviceId?: string; nio?: true } = {},
): Promise<JsClient> {
  const [program, file] = options.nio ? [findSynapse(), 'nio_client.py'] : [process.execPath, 'js-client-process.mjs']
  const child = spawn(program, [path.join(import.meta.dirname, file)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>()
  const seen: SeenEvent[] = []
  const lookers = new Set<(event: SeenEvent) => void>()
  let count = 0
  createInterface({ input: child.stdout }).on('line', (line) => {
    const told = JSON.parse(line) as { id?: number; answer?: unknown; error?: string; event?: SeenEvent }
    if (told.event) {
      seen.push(told.event)
      for (const look of lookers) look(told.event)
    } else if (told.id !== undefined) {
      const it = waiting.get(told.id)
      waiting.delete(told.id)
      if (told.error !== undefined) it?.reject(new Error(told.error))
      else it?.resolve(told.answer)
    }
  })
  child.once('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error(`the app of ${account.user} ended`))
    waiting.clear()
  })
  const call = <T>(command: string, args: object = {}): Promise<T> =>
    new Promise((resolve, reject) => {
      const id = ++count
      waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject })
      child.stdin.write(`${JSON.stringify({ id, command, args })}\n`)
    })
  const sees: JsClient['sees'] = (fits, within = PATIENCE) =>
    new Promise((resolve, reject) => {
      const before = seen.find(fits)
      if (before) return resolve(before)
      const look = (event: SeenEvent): void => {
        if (!fits(event)) return
        clearTimeout(timer)
        lookers.delete(look)
        resolve(event)
      }
      const timer = setTimeout(() => {
        lookers.delete(look)
        const last = seen.slice(-12).map(({ type, body, failed }) => `${type} ${body ?? ''} ${failed ?? ''}`.trim())
        reject(
          new Error(`${account.userId} did not see it within ${String(within)} ms; last seen: ${last.join(' | ')}`),
        )
      }, within)
      lookers.add(look)
    })
  const fitting = (body: RegExp) => (event: SeenEvent) =>
    event.type === 'm.room.message' && event.failed === undefined && body.test(event.body ?? '')
  const who = await call<{ userId: string; deviceId: string; token: string }>('login', {
    url: synapse.url,
    user: account.user,
    password: account.password,
    ...(options.deviceId !== undefined && { deviceId: options.deviceId }),
  })
  if (options.identity !== false) await call('bootstrap', { password: account.password })
  return {
    ...who,
    seen,
    sees,
    reads: (body, within) => sees(fitting(body), within),
    messages: (body) => [...new Map(seen.filter(fitting(body)).map((event) => [event.id, event])).values()],
    call,
    writes: async (room, text, more = {}) =>
      (await call<{ id: string }>('send', { room, content: { msgtype: 'm.text', body: text, ...more } })).id,
    stop: async () => {
      if (child.exitCode !== null) return
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), 3_000)
      await gone
      clearTimeout(timer)
    },
  }
}
