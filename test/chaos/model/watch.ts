import type { History, Life } from '../history.ts'

/** Real milliseconds: how late an alarm may be while somebody watches (DESIGN.md S2), and what else takes time here. */
const LATE = 1_000
const ALLOWANCE = 700
/** Real milliseconds after which whatever was to be said has been said, if nobody died meanwhile; with a provider in doubt, too. */
const SETTLED = 1_500
const SETTLED_AT_LAST = 15_000

/** When somebody watched, and what follows from it for the times by which things must have happened. */
export class Watch {
  readonly #lives: Life[]
  readonly #speed: number
  readonly #lag: number
  readonly #settling: number

  constructor({ lives, speed, lag, isBadDay }: Pick<History, 'lives' | 'speed' | 'lag' | 'isBadDay'>) {
    this.#lives = lives
    this.#speed = speed
    this.#lag = lag
    this.#settling = isBadDay ? SETTLED_AT_LAST : SETTLED
  }

  /** By when it must have been acted upon that something was due. */
  limit(due: number): number {
    const grace = (LATE + ALLOWANCE + this.#lag) * this.#speed
    for (const { ready, ended = Infinity } of this.#lives) {
      const from = Math.max(ready ?? Infinity, due)
      if (from + grace <= ended) return from + grace
    }
    return Infinity
  }

  /** Whether somebody watched undisturbed, between these moments, for long enough to say whatever was to be said. */
  isSettled(from: number, until: number): boolean {
    const enough = (this.#settling + this.#lag) * this.#speed
    return this.#lives.some(
      ({ ready, ended = Infinity }) => Math.max(ready ?? Infinity, from) + enough <= Math.min(ended, until),
    )
  }

  /** How far two clocks that should agree may be apart. */
  get slack(): number {
    return (60 + this.#lag) * this.#speed
  }

  get deaths(): number {
    return this.#lives.filter((life) => life.ended !== undefined).length
  }
}
