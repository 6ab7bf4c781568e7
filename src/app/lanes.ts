import type { Urgency } from '../core/effect.ts'
import { urgencies } from '../core/effect.ts'

/** How many jobs run side by side in one lane. Alerts have more room than the rest, which takes the store's time from them. */
const SIDE_BY_SIDE = 8
const MORE_FOR_ALERTS = 16
/** However many alerts hang, a cry for help need not wait for one of them. */
const MORE_FOR_CRIES = 8

/** Where a job stands in line. */
export interface Place {
  /** One for each way out: a provider that hangs holds up nobody else's (S5). */
  lane: string
  /** Jobs with the same turn go one after the other, so that a reader hears things in the order in which they were said. */
  turn: string
  urgency: Urgency
  /** A cry for help: it goes before every other alert. */
  isCry?: boolean
}

/** In which jobs of a lane are begun. */
type Rank = 'cry' | Urgency
const ranks: readonly Rank[] = ['cry', ...urgencies]

export interface Lanes<Job extends Place> {
  add: (job: Job) => void
  start: () => void
  /** Nothing new is begun; what is under way goes on. */
  stop: () => void
  /** How many jobs are under way. */
  depth: () => number
  /** Resolves as soon as no job is under way. */
  idle: () => Promise<void>
}

const most = (rank: Rank): number => {
  if (rank === 'cry') return SIDE_BY_SIDE + MORE_FOR_ALERTS + MORE_FOR_CRIES
  return rank === 'alert' ? SIDE_BY_SIDE + MORE_FOR_ALERTS : SIDE_BY_SIDE
}

/** Runs jobs: alerts first in every lane, each job alone. `run` never rejects. */
export function createLanes<Job extends Place>(run: (job: Job) => Promise<void>): Lanes<Job> {
  const queues = new Map<string, Record<Rank, Job[]>>()
  const running = new Map<string, number>()
  /** Turns that are taken, and who waits for them. */
  const turns = new Map<string, Job[]>()
  const waitsForIdle: (() => void)[] = []
  let open = false

  const add = (job: Job): void => {
    const queue = queues.get(job.lane) ?? { cry: [], alert: [], prompt: [], answer: [], notice: [] }
    queues.set(job.lane, queue)
    queue[job.isCry ? 'cry' : job.urgency].push(job)
    pump(job.lane)
  }

  const pump = (lane: string): void => {
    while (open) {
      const job = next(lane)
      if (!job) return
      const line = turns.get(job.turn)
      if (line) line.push(job)
      else begin(job)
    }
  }

  const next = (lane: string): Job | undefined => {
    const queue = queues.get(lane)
    const rank = ranks.find((it) => queue && queue[it].length > 0)
    if (!queue || rank === undefined) return undefined
    return (running.get(lane) ?? 0) < most(rank) ? queue[rank].shift() : undefined
  }

  const begin = (job: Job): void => {
    turns.set(job.turn, [])
    running.set(job.lane, (running.get(job.lane) ?? 0) + 1)
    void run(job).finally(() => {
      running.set(job.lane, (running.get(job.lane) ?? 1) - 1)
      const line = turns.get(job.turn) ?? []
      turns.delete(job.turn)
      for (const waiting of line) add(waiting)
      pump(job.lane)
      if (depth() === 0) for (const tell of waitsForIdle.splice(0)) tell()
    })
  }

  const depth = (): number => [...running.values()].reduce((a, b) => a + b, 0)

  return {
    add,
    start: () => {
      open = true
      for (const lane of queues.keys()) pump(lane)
    },
    stop: () => {
      open = false
    },
    depth,
    idle: () => (depth() === 0 ? Promise.resolve() : new Promise((resolve) => waitsForIdle.push(resolve))),
  }
}
