import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { randomBytes } from 'node:crypto'
import { FakeTwilio } from '../../support/fake-twilio.ts'
import { cast } from '../cast.ts'
import { dice } from '../dice.ts'
import type { Dice } from '../dice.ts'
import type { Stranger } from '../history.ts'
import { now, pause } from '../lives.ts'
import type { Plant } from '../plants.ts'
import type { Point } from '../points.ts'
import { quiet } from '../quiet.ts'
import { record } from '../record.ts'
import type { Round } from '../round.ts'
import { outcome, peopleOf } from '../round.ts'
import { DUTY, QUICK_LADDER, settingsOf } from '../settings.ts'
import type { Visit } from '../visits.ts'
import { together } from '../visits.ts'
import { World } from '../world.ts'
import type { Trouble } from './pair.ts'
import { Pair, troubles } from './pair.ts'
import type { Terms } from './terms.ts'
import { termsOf } from './terms.ts'
import { tooLong } from './too-long.ts'

interface Options {
  isStormy?: boolean
  /** A fault that both kernels have. */
  plant?: Plant
  /** What people do, mostly. */
  favourite?: Visit | undefined
  /** What befalls them. */
  only?: Trouble | undefined
  /** Where the kernel stands whom it befalls, if not anywhere. */
  at?: Point | undefined
  terms?: Terms
}

/** Two kernels, one database, people with real phones, and everything that may befall machines; then what everybody got against the model. */
export async function playPairRound(seed: number, options: Options = {}): Promise<Round> {
  const { isStormy = false, plant, terms = termsOf(seed) } = options
  const chance = dice(seed)
  const folder = mkdtempSync(path.join(tmpdir(), `imok-chaos-${String(seed)}-`))
  const ladder = path.join(folder, 'ladder.yaml')
  const logFile = path.join(folder, 'kernel.log')
  writeFileSync(ladder, QUICK_LADDER)
  const twilio = await FakeTwilio.start({ webhook: 'http://127.0.0.1:9/', receipts: ['sent', 'delivered'] })
  const secret = randomBytes(32).toString('base64')
  // Whoever looks into what a failed round has left needs it.
  writeFileSync(path.join(folder, 'key'), secret)
  const pair = new Pair({
    folder: path.join(folder, 'data'),
    logFile,
    terms,
    provider: twilio.url,
    settings: (front) => ({
      ...settingsOf('twilio', 1, front.port, ladder, { twilio, room: undefined }),
      IMOK_SECRET_KEY: secret,
      ...(plant && { CHAOS_PLANT: plant }),
    }),
  })
  const lag = monitorEventLoopDelay({ resolution: 10 })
  const began = now()
  let world: World | undefined
  try {
    await pair.open()
    twilio.webhook = `${pair.url}/sms/twilio`
    world = new World(pair, twilio, undefined)
    lag.enable()
    const people = peopleOf('twilio', chance, isStormy)
    for (const number of [...DUTY, ...people.map((person) => person.number)]) world.knows(number)
    world.begin()
    const strangers = await befall(pair, world, people, chance, { ...options, terms })
    const waiting = await quiet(pair.url)
    await world.compareList()
    await world.end()
    lag.disable()
    const end = now()
    const lagged = Math.min(2_000, Math.round(lag.max / 1e6))
    pair.troubles.push(...tooLong(pair.all, terms, lagged))
    const history = record({
      isBadDay: false,
      isReadByBoth: true,
      people,
      strangers,
      duty: DUTY,
      speed: 1,
      lag: lagged,
      lives: pair,
      world,
      end,
      waiting,
    })
    const played = { seed, kind: 'twilio', world: `${String(terms.lease / 1_000)} s terms`, speed: 1 } as const
    return await outcome({ ...played, history, folder, began, logFile })
  } finally {
    await world?.end()
    await pair.close()
    await twilio.stop()
  }
}

async function befall(
  pair: Pair,
  world: World,
  people: ReturnType<typeof peopleOf>,
  chance: Dice,
  { isStormy, favourite = isStormy ? together : undefined, only, at, terms }: Options & { terms: Terms },
): Promise<Stranger[]> {
  let isOver = false
  const fate = chance.branch()
  const happens = async (): Promise<void> => {
    for (let left = fate.whole(...terms.troubles); left > 0; left--) {
      await pause(fate.between(1_500, 4_000))
      // What went wrong with it stands among the troubles.
      await pair.happens(only ?? fate.pick<Trouble>(troubles), fate, at).catch(() => undefined)
    }
    await pause(fate.between(500, 2_000))
    isOver = true
  }
  const everybody = cast({ people, chance, world, speed: 1, via: 'sms', isOver: () => isOver })
  return everybody.play(favourite, happens())
}
