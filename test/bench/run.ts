// One run: an idle kernel, then one with ten thousand sessions whose deadlines pass while phones write.
import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { FakeTwilio } from '../support/fake-twilio.ts'
import { readAlarms } from './alarms.ts'
import { spreadOf, syncLatency } from './figures.ts'
import type { Spread } from './figures.ts'
import { startKernel } from './kernel.ts'
import { HOUR } from '../../src/core/time.ts'
import type { Store } from '../../src/ports/store.ts'
import type { Deadline } from './prepare.ts'
import { embedded, prepare } from './prepare.ts'
import { postTexts } from './webhooks.ts'

export interface Options {
  sessions: number
  /** The deadlines are spread evenly over so many seconds. */
  over: number
  /** Texts a second, and for how many seconds. */
  rate: number
  seconds: number
  /** Where data folders are made: the disk matters. */
  folder: string
  /** For node, e.g. --cpu-prof. */
  flags: string[]
}

/** What the kernel under test lies on. */
export interface Place {
  open: () => Promise<Store>
  dataFolder: string
  settings?: Record<string, string>
  /** Another program than the one that npm start runs. */
  main?: string
}

export interface Result extends Measured {
  sync: Spread
  idle: number
}

export interface Measured {
  started: number
  full: number
  peak: number
  /** Of those who were late among many, and of those who were late alone. */
  storm: Spread
  alone: Spread
  alarms: { first: number; missing: number; doubled: number; early: number; rollCalls: number }
  webhooks: Spread & { refused: number; generatorLag: number }
  processor: number
}

const TEXTERS = 500
/** Afterwards so many are late alone, each at another place, so many milliseconds apart: no storm has only four alerts in a second. */
const ALONE = 60
const APART = 250
/** Milliseconds from the last deadline of the storm to the first of them. */
const CALM = 6_000
/** Seconds from the start of the preparation to the first deadline: writing, starting, and a look at the memory. */
const LEAD = 40
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))

async function idleMemory(folder: string): Promise<number> {
  const kernel = await startKernel(path.join(folder, 'idle'), {}, path.join(folder, 'idle.log'), [])
  // What was needed for starting only is given back by then.
  await pause(10_000)
  const memory = kernel.memory()
  await kernel.stop()
  return memory
}

export async function run(options: Options): Promise<Result> {
  const folder = await mkdtemp(path.join(options.folder, 'imok-bench-'))
  try {
    const sync = syncLatency(folder)
    const idle = await idleMemory(folder)
    const dataFolder = path.join(folder, 'data')
    return { sync, idle, ...(await measure(options, { open: () => embedded(dataFolder), dataFolder })) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const settingsOf = (twilio: FakeTwilio, place: Place): Record<string, string> => ({
  IMOK_SIMULATOR: 'on',
  IMOK_TWILIO_ACCOUNT_SID: twilio.accountSid,
  IMOK_TWILIO_AUTH_TOKEN: twilio.authToken,
  IMOK_TWILIO_FROM: twilio.number,
  IMOK_TWILIO_API_URL: twilio.url,
  IMOK_TWILIO_MODE: 'webhook',
  ...place.settings,
})

const isActive = async (url: string): Promise<boolean> => {
  const answer = (await (await fetch(`${url}/readyz`)).json()) as { role?: string }
  return answer.role === undefined || answer.role === 'active'
}

/** Phones that write while many are out and nobody is late: from each text to the answer that it is stored. */
export async function quietHour(options: Options, place: Place): Promise<Measured['webhooks']> {
  const { dataFolder, main } = place
  const twilio = await FakeTwilio.start()
  try {
    const deadline = { at: Date.now() + 2 * HOUR, place: 'north ridge' }
    await prepare(await place.open(), Array<Deadline>(options.sessions).fill(deadline), TEXTERS)
    const kernel = await startKernel(dataFolder, settingsOf(twilio, place), `${dataFolder}.log`, options.flags, main)
    // Whoever prepared it held the office; until that has run out this one only stands by, and does not apply what it stores.
    while (!(await isActive(kernel.url))) await pause(100)
    await pause(5_000)
    const { latencies, ...posted } = await postTexts(kernel.url, twilio, { ...options, texters: TEXTERS })
    await kernel.stop()
    return { ...spreadOf(latencies), ...posted }
  } finally {
    await twilio.stop()
  }
}

/** Many deadlines that pass together, some that pass alone, and phones that write beside them. */
export async function measure(options: Options, place: Place): Promise<Measured> {
  const { dataFolder, main } = place
  const twilio = await FakeTwilio.start()
  try {
    const firstDue = Date.now() + LEAD * 1_000
    const many = Array.from({ length: options.sessions }, (_, n) => ({
      at: Math.round(firstDue + (n * options.over * 1_000) / options.sessions),
      place: 'north ridge',
    }))
    const alone = Array.from({ length: ALONE }, (_, n) => ({
      at: firstDue + options.over * 1_000 + CALM + n * APART,
      place: `gate ${String(n)}`,
    }))
    const deadlines = [...many, ...alone]
    await prepare(await place.open(), deadlines, TEXTERS)
    const kernel = await startKernel(dataFolder, settingsOf(twilio, place), `${dataFolder}.log`, options.flags, main)
    await pause(Math.min(10_000, firstDue - Date.now() - 2_000))
    const full = kernel.memory()
    if (Date.now() > firstDue - 1_000) throw new Error('this machine is too slow: the deadlines came before the watch')
    await pause(firstDue - Date.now())
    const before = kernel.processor()
    await pause(firstDue + 5_000 - Date.now())
    const posted = await postTexts(kernel.url, twilio, { ...options, texters: TEXTERS })
    await pause(firstDue + options.over * 1_000 + 10_000 - Date.now())
    const processor = kernel.processor() - before
    // Before the whole list is asked for, which nobody does in a storm.
    const peak = kernel.memory('peak')
    await pause(firstDue + options.over * 1_000 + CALM + ALONE * APART + 2_000 - Date.now())
    const { storm, alone: single, ...alarms } = await readAlarms(kernel.url, deadlines, many.length)
    const { latencies, ...webhooks } = posted
    const result: Measured = {
      started: kernel.startedIn,
      full,
      peak,
      storm: spreadOf(storm),
      alone: spreadOf(single),
      alarms,
      webhooks: { ...spreadOf(latencies), ...webhooks },
      processor,
    }
    await kernel.stop()
    return result
  } finally {
    await twilio.stop()
  }
}
