// Alarms in the encrypted room, from the deadline to an admin's app that has decrypted them.
import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import type { JsClient } from '../../e2e/matrix/js-client.ts'
import { startJsClient } from '../../e2e/matrix/js-client.ts'
import { startSynapse } from '../../e2e/matrix/synapse.ts'
import { namedIn } from '../alarms.ts'
import type { Spread } from '../figures.ts'
import { spreadOf } from '../figures.ts'
import type { Kernel } from '../kernel.ts'
import { startKernel } from '../kernel.ts'
import type { Deadline } from '../prepare.ts'
import { embedded, nameOf, prepare, walkersPhone } from '../prepare.ts'

const SECOND = 1_000
const HOUR = 3_600_000
/** From the preparation until the first deadline: writing, starting, making the room, and a little calm. */
const LEAD = 40 * SECOND
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))

/** How the room was, in milliseconds. */
export interface Scene {
  admin: JsClient
  kernel: Kernel
  /** The first deadline. */
  firstDue: number
}

/** One kernel with these members out, its room, and an admin in it. */
export async function withRoom<Result>(
  options: { folder: string; limits: 'default' | 'raised'; deadlines: (firstDue: number) => Deadline[] },
  work: (scene: Scene) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(path.join(options.folder, 'imok-bench-room-'))
  const synapse = await startSynapse({ limits: options.limits })
  try {
    const [bot, asha, ben] = [
      await synapse.register('imok'),
      await synapse.register('asha'),
      await synapse.register('ben'),
    ]
    const admin = await startJsClient(synapse, asha)
    const other = await startJsClient(synapse, ben)
    const firstDue = Date.now() + LEAD
    await prepare(await embedded(path.join(folder, 'data')), options.deadlines(firstDue), 0)
    const settings = {
      IMOK_SIMULATOR: 'on',
      IMOK_MATRIX_HOMESERVER: synapse.url,
      IMOK_MATRIX_USER: bot.userId,
      IMOK_MATRIX_PASSWORD: bot.password,
      IMOK_MATRIX_ADMINS: `${asha.userId},${ben.userId}`,
    }
    const kernel = await startKernel(path.join(folder, 'data'), settings, path.join(folder, 'log'), [])
    await admin.reads(/^Admin here: .*ben/i)
    if (Date.now() > firstDue - SECOND) throw new Error('this machine is too slow: the deadlines came before the room')
    try {
      return await work({ admin, kernel, firstDue })
    } finally {
      await kernel.stop()
      await Promise.all([admin.stop(), other.stop()])
    }
  } finally {
    await synapse.remove()
    await rm(folder, { recursive: true, force: true })
  }
}

/** When the server took the first message that names each member, and when the app had decrypted it. */
function firstNamed(admin: JsClient): Map<string, { at: number; seenAt: number }> {
  const found = new Map<string, { at: number; seenAt: number }>()
  for (const { body = '', at, seenAt, failed } of admin.seen) {
    if (failed !== undefined) continue
    for (const name of namedIn(body)) if (!found.has(name)) found.set(name, { at, seenAt })
  }
  return found
}

export interface Single extends Spread {
  missing: number
}

const ALONE = 60
const APART = 700

/** Sixty alarms one after the other, while a thousand are out. */
export async function alone(folder: string, out: number): Promise<Single> {
  const deadlines = (firstDue: number): Deadline[] => [
    ...Array.from({ length: ALONE }, (_, n) => ({ at: firstDue + n * APART, place: `gate ${String(n)}` })),
    ...Array.from({ length: out - ALONE }, () => ({ at: firstDue + HOUR, place: 'north ridge' })),
  ]
  return withRoom({ folder, limits: 'raised', deadlines }, async ({ admin, firstDue }) => {
    await pause(firstDue + ALONE * APART + 3 * SECOND - Date.now())
    const named = firstNamed(admin)
    const lateness = Array.from(
      { length: ALONE },
      (_, n) => (named.get(nameOf(n))?.seenAt ?? NaN) - (firstDue + n * APART),
    )
    const came = lateness.filter((it) => !Number.isNaN(it))
    return { ...spreadOf(came), missing: ALONE - came.length }
  })
}

const SOS_HEARD = /^#\d+ SOS: Walker/

export interface Storm {
  /** The first alarm that the server took, and the one that named the last; from the first deadline. */
  first: number
  last: number
  missing: number
  messages: number
  /** An SOS in the middle, from the phone's text until an app had decrypted it. */
  sos: number
}

/** All due within one second, and an SOS some seconds later. */
export async function storm(folder: string, limits: 'default' | 'raised', people: number): Promise<Storm> {
  const longest = limits === 'default' ? 75 * SECOND : 20 * SECOND
  const deadlines = (firstDue: number): Deadline[] => [
    ...Array.from({ length: people }, (_, n) => ({
      at: firstDue + Math.round((n * SECOND) / people),
      place: 'north ridge',
    })),
    { at: firstDue + HOUR, place: 'the bridge' },
  ]
  return withRoom({ folder, limits, deadlines }, async ({ admin, kernel, firstDue }) => {
    const sosAt = firstDue + 3 * SECOND
    await pause(sosAt - Date.now())
    await fetch(`${kernel.url}/simulator/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ from: walkersPhone(people), text: 'SOS by the bridge' }),
    })
    await pause(firstDue + longest - Date.now())
    const named = [...firstNamed(admin).values()].map(({ at }) => at - firstDue)
    const sos = admin.seen.find(({ body = '' }) => SOS_HEARD.test(body))?.seenAt ?? NaN
    return {
      first: Math.min(...named),
      last: Math.max(...named),
      missing: people - named.length,
      messages: admin.messages(/^#\d+ (?:OVERDUE|ROLL-CALL)/).length,
      sos: sos - sosAt,
    }
  })
}
