import type { Duration } from '../core/time.ts'

/** What Agenda is told of a failure, and keeps: a code, because messages may hold private data. */
export class JobFailed extends Error {
  constructor(code: string) {
    super(code)
    this.name = 'JobFailed'
  }
}

/** What runs now. A run that is still going is not joined by a second, whatever Agenda's locks say, and a stop waits for it. */
export interface Running {
  /** Rejects with `JobFailed`, also if work by this name is still going. */
  run: (name: string, work: () => Promise<void>) => Promise<void>
  has: (name: string) => boolean
  count: () => number
  /** Resolves when all of it has ended, or after `longest` real milliseconds. */
  ended: (longest: Duration) => Promise<void>
}

export function createRunning(codeOf: (error: unknown) => string): Running {
  const runs = new Map<string, Promise<void>>()

  const start = async (name: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      throw new JobFailed(codeOf(error))
    } finally {
      runs.delete(name)
    }
  }

  return {
    has: (name) => runs.has(name),
    count: () => runs.size,
    run: async (name, work) => {
      if (runs.has(name)) throw new JobFailed('still-running')
      const run = Promise.resolve().then(() => start(name, work))
      runs.set(name, run)
      await run
    },
    ended: async (longest) => {
      let timer: NodeJS.Timeout | undefined
      const tooLong = new Promise((resolve) => (timer = setTimeout(resolve, longest)))
      await Promise.race([Promise.allSettled(runs.values()), tooLong])
      clearTimeout(timer)
    },
  }
}
