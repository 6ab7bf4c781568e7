import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { FakeTwilio } from '../support/fake-twilio.ts'
import { freePort } from '../support/free-port.ts'
import { badDay } from './bad-days.ts'
import { cast } from './cast.ts'
import type { Dice } from './dice.ts'
import { dice } from './dice.ts'
import type { History, Person, Stranger } from './history.ts'
import { Lives, now, pause } from './lives.ts'
import { judgeAside } from './judging.ts'
import type { Judgement } from './model/judge.ts'
import type { Plant } from './plants.ts'
import type { Death, DeathPoint } from './points.ts'
import { points } from './points.ts'
import { LONGEST_IN_ROOM, quiet } from './quiet.ts'
import { record } from './record.ts'
import type { Request, RequestDeath } from './room/proxy.ts'
import { requests } from './room/proxy.ts'
import type { HomeServer } from './room/room.ts'
import { EncryptedRoom } from './room/room.ts'
import type { Kind } from './settings.ts'
import { DUTY, QUICK_LADDER, settingsOf } from './settings.ts'
import type { Visit } from './visits.ts'
import { together } from './visits.ts'
import { World } from './world.ts'

/** How often the kernel dies in a round. */
const DEATHS = [2, 5] as const
/** Real milliseconds: people begin things for at least so long, and whatever the machine does not for longer than that. */
const SHORTEST = 6_000
const LONGEST = 60_000
const NAMES = ['Ada', 'Bert', 'Cleo', 'Dora', 'Ezra'] as const

export interface Round {
  seed: number
  kind: Kind
  /** What it was played in, where `kind` does not say it. */
  world?: string
  speed: number
  seconds: number
  history: History
  judgement: Judgement
  /** Where everything is, if it is kept. */
  folder: string
  /** Errors that the kernel logged, by their message. */
  errors: string[]
}

/** One round: a data folder, people, a kernel that dies again and again, and then what everybody got against the model. */
export async function playRound(
  seed: number,
  options: {
    plant?: Plant
    kind?: Kind
    favourite?: Visit
    deadly?: Deadly
    isStormy?: boolean
    home?: HomeServer | undefined
  } = {},
): Promise<Round> {
  const chance = dice(seed)
  const kind = options.home ? 'matrix' : (options.kind ?? chance.pick<Kind>(['simulator', 'twilio']))
  const speed = kind === 'simulator' ? chance.pick([20, 60]) : 1
  const folder = mkdtempSync(path.join(tmpdir(), `imok-chaos-${seed}-`))
  const ladder = path.join(folder, 'ladder.yaml')
  const logFile = path.join(folder, 'kernel.log')
  writeFileSync(ladder, QUICK_LADDER)
  const port = await freePort()
  const webhook = `http://127.0.0.1:${port}/sms/twilio`
  const twilio = kind === 'twilio' ? await FakeTwilio.start({ webhook, receipts: ['sent', 'delivered'] }) : undefined
  const room = options.home && (await EncryptedRoom.open(options.home))
  const settings = settingsOf(kind, speed, port, ladder, { twilio, room })
  const lives = new Lives({
    port,
    folder: path.join(folder, 'data'),
    logFile,
    settings,
    ...(options.plant && { plant: options.plant }),
  })
  const world = new World(lives, twilio, room)
  const lag = monitorEventLoopDelay({ resolution: 10 })
  lag.enable()
  const began = now()
  try {
    const isStormy = options.isStormy || (options.favourite === undefined && chance.chance(0.4))
    const people = peopleOf(kind, chance, isStormy)
    const favourite = isStormy ? together : options.favourite
    const isBadDay = twilio !== undefined && chance.chance(0.3)
    const strangers = await chaos({
      people,
      chance,
      lives,
      world,
      speed,
      kind,
      isBadDay,
      favourite,
      deadly: options.deadly,
      room,
    })
    const waiting = await quiet(lives.url, room ? LONGEST_IN_ROOM : undefined)
    await world.compareList()
    await world.end()
    lag.disable()
    const end = now()
    await lives.kill()
    // The last death was ours, after the end.
    const last = lives.all.at(-1)
    if (last) delete last.ended
    const lagged = Math.min(2_000, Math.round(lag.max / 1e6))
    const history = record({ isBadDay, people, strangers, duty: DUTY, speed, lag: lagged, lives, world, end, waiting })
    const alsoFound = ((await room?.judge()) ?? []).map((it) => ({ who: 'room', ...it }))
    return await outcome({ seed, kind, speed, history, folder, began, logFile, alsoFound })
  } finally {
    await world.end()
    await lives.kill()
    await twilio?.stop()
    room?.stop()
  }
}

/** Judges what happened; where nothing was found, the folder goes, else the history lies in it for `--judge`. */
export async function outcome({
  began,
  logFile,
  alsoFound = [],
  ...round
}: Pick<Round, 'seed' | 'kind' | 'world' | 'speed' | 'history' | 'folder'> & {
  /** Real time. */
  began: number
  logFile: string
  alsoFound?: Judgement['findings']
}): Promise<Round> {
  const { findings, ...rest } = await judgeAside(round)
  const judgement = { ...rest, findings: [...findings, ...alsoFound] }
  const errors = errorsIn(logFile)
  if (judgement.findings.length === 0) rmSync(round.folder, { recursive: true, force: true })
  else
    writeFileSync(path.join(round.folder, 'history.json'), JSON.stringify({ history: round.history, kind: round.kind }))
  return { ...round, seconds: (now() - began) / 1_000, judgement, errors }
}

export function peopleOf(kind: Kind, chance: Dice, isStormy: boolean): Person[] {
  const via = kind === 'twilio' ? 'sms' : 'simulator'
  const invited = isStormy ? NAMES : NAMES.slice(0, chance.whole(2, 4))
  return [
    { name: 'Mo Member', number: '+447700900001', via: 'simulator', isSeeded: true },
    ...invited.map((name, n): Person => ({ name, number: `+44770090012${n}`, via, isSeeded: false })),
  ]
}

interface Scene {
  people: Person[]
  chance: Dice
  lives: Lives
  world: World
  speed: number
  kind: Kind
  /** The provider fails now and then. */
  isBadDay: boolean
  /** What people do again and again. */
  favourite: Visit | undefined
  /** Where the kernel dies, if not anywhere. */
  deadly: Deadly | undefined
  room: EncryptedRoom | undefined
}

async function chaos({
  people,
  chance,
  lives,
  world,
  speed,
  kind,
  isBadDay,
  favourite,
  deadly,
  room,
}: Scene): Promise<Stranger[]> {
  for (const number of [...DUTY, ...people.map((person) => person.number)]) world.knows(number)
  world.begin()
  let isOver = false
  const hasEnded = (): boolean => isOver
  // In some rounds it dies while it makes its identity and the room, too.
  if (room && chance.chance(0.7)) {
    await lives.ready(lives.begin())
    await room.opened()
    await lives.kill()
  }
  const killing = killer(lives, chance.branch(), deadly, room).then(() => (isOver = true))
  const via = kind === 'twilio' ? 'sms' : 'simulator'
  const everybody = cast({ people, chance, world, speed, via, isOver: hasEnded })
  // Nobody knows the number before there was a first watch.
  while (!lives.all.some((life) => life.ready) && !hasEnded()) await pause(50)
  await room?.opened()
  const weather = isBadDay && world.twilio ? badDay(world.twilio, chance.branch(), hasEnded) : undefined
  return everybody.play(favourite, killing, weather)
}

/** Lives that end at a named point, while they begin, or at any moment; at the end one that does not. */
async function killer(
  lives: Lives,
  chance: Dice,
  deadly: Deadly | undefined,
  room: EncryptedRoom | undefined,
): Promise<void> {
  const [least, most] = DEATHS
  const deaths = chance.whole(least, most)
  const until = now() + LONGEST
  let over = Infinity
  let start = 1_000
  for (let died = 0; died < deaths || (now() < over && now() < until); died++) {
    const inRequest = room && deadly === undefined && chance.chance(0.6) ? requestDeath(chance) : undefined
    room?.proxy.dieAt(inRequest, () => void lives.kill(`in ${inRequest?.request ?? ''}`))
    const life = lives.begin(inRequest ? undefined : deathOf(chance, deadly))
    const longest = chance.between(1_500, 4_500) + (inRequest ? 3_000 : 0)
    // Beginning, too, is work that must survive its death.
    if (chance.chance(0.2)) await Promise.race([lives.over(), pause(chance.between(0.3, 1.2) * start)])
    else {
      await Promise.race([lives.over(), lives.ready(life)])
      if (life.ready) start = life.ready - life.began
      if (life.ready && over === Infinity) over = life.ready + SHORTEST
      await Promise.race([lives.over(), pause(longest)])
    }
    await lives.kill()
    await pause(chance.chance(0.5) ? 0 : chance.between(0, 1_500))
  }
  room?.proxy.dieAt(undefined, () => undefined)
  await lives.ready(lives.begin())
}

function requestDeath(chance: Dice): RequestDeath {
  const request = chance.pick<Request>(['send', 'sync', 'keys', 'to-device'])
  return { request, when: chance.pick(['before', 'answered', 'told']), nth: chance.whole(1, requests[request]) }
}

/** How often a point is passed in a life of some seconds, about. */
const usual = { 'after-put': 8, 'after-save': 40, 'after-claim': 12, 'after-send': 12 } as const

/** Where a kernel dies in every life of a round: at this point, or by a kill at any moment. */
export type Deadly = DeathPoint | 'outside'

function deathOf(chance: Dice, deadly: Deadly | undefined): Death | undefined {
  if (deadly === 'outside' || (!deadly && chance.chance(0.2))) return undefined
  const point = deadly ?? chance.pick(points)
  return { point, nth: chance.whole(1, usual[point]) }
}

function errorsIn(logFile: string): string[] {
  return readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => line.includes('"level":"error"'))
    .map((line) => (JSON.parse(line.slice(line.indexOf('{'))) as { msg: string }).msg)
}
