/** Lets what concerns one key happen one after the other, and different keys at once. */
export interface Turns {
  /** Runs `work` when everything taken earlier for `key` has settled. */
  take<T>(key: string, work: () => Promise<T>): Promise<T>
  /** Resolves when nothing is running any more. */
  idle(): Promise<void>
}

export function makeTurns(): Turns {
  const last = new Map<string, Promise<unknown>>()
  return {
    take<T>(key: string, work: () => Promise<T>): Promise<T> {
      const before = last.get(key)
      const mine = before ? before.then(work, work) : work()
      last.set(key, mine)
      const leave = (): void => {
        if (last.get(key) === mine) last.delete(key)
      }
      mine.then(leave, leave)
      return mine
    },
    async idle() {
      while (last.size) await Promise.allSettled(last.values())
    },
  }
}

/** Lets at most `places` run at once, in the order they came. */
export function makeGate(places: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = places
  const waiting: (() => void)[] = []
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((enter) => waiting.push(enter))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}

/** Does `work` for each, so many of them at once, and begins in their order. `step` hears how many are done. */
export async function inPortions<T>(
  all: AsyncIterable<T>,
  size: number,
  work: (one: T) => Promise<unknown>,
  step: (done: number) => void = () => undefined,
): Promise<void> {
  let done = 0
  let portion: T[] = []
  const settle = async (): Promise<void> => {
    await Promise.all(portion.map(work))
    step((done += portion.length))
    portion = []
  }
  for await (const one of all) {
    portion.push(one)
    if (portion.length === size) await settle()
  }
  await settle()
}
