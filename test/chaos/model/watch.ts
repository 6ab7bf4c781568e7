import type { History, Life } from '../history.ts'
import { rollCallOf } from './phrases.ts'

/** Real milliseconds: how late an alarm may be while somebody watches (DESIGN.md S2), and what else takes time here. */
const LATE = 1_000
const ALLOWANCE = 700
/** Real milliseconds in which what came is acted upon. */
const ACTS = 500
/** Real milliseconds after which whatever was to be said has been said, if nobody died meanwhile; with a provider in doubt, too. */
const SETTLED = 1_500
const SETTLED_AT_LAST = 15_000
/** Real milliseconds: so near to its going away. */
const DOUBTFUL = 1_000

/** Real milliseconds: an alarm waits so long for a database that is away, and then no longer for what lies in it (docs/adr/0007-several-kernels.md). */
const LONGEST_AWAY = 3_000

/** Real milliseconds: in a storm all are named within 5 s, and there is one if a roll-call comes so near (DESIGN.md S2). */
const LATER_IN_A_STORM = 4_000
const NEAR = 7_000

/** When somebody watched, and what follows from it for the times by which things must have happened. */
export class Watch {
  readonly #lives: Life[]
  readonly #speed: number
  readonly #lag: number
  readonly #settling: number
  readonly #rollCalls: number[]

  constructor(history: Pick<History, 'lives' | 'speed' | 'lag' | 'isBadDay' | 'said'>) {
    const { lives, speed, lag, isBadDay, said } = history
    this.#rollCalls = said.filter(({ to, text }) => to === 'room' && rollCallOf(text)).map(({ at }) => at)
    this.#lives = lives
    this.#speed = speed
    this.#lag = lag
    this.#settling = isBadDay ? SETTLED_AT_LAST : SETTLED
  }

  /** By when it must have been acted upon that something was due. */
  limit(due: number): number {
    const later = this.#isStorm(due) ? LATER_IN_A_STORM : 0
    const grace = (LATE + ALLOWANCE + later + this.#lag) * this.#speed
    for (const { ready, ended = Infinity } of this.#lives) {
      const from = Math.max(ready ?? Infinity, due)
      if (from + grace <= ended) return from + grace
    }
    return Infinity
  }

  #isStorm(at: number): boolean {
    return this.#rollCalls.some((it) => Math.abs(it - at) <= (NEAR + this.#lag) * this.#speed)
  }

  /** Whether somebody watched undisturbed, between these moments, for long enough to say whatever was to be said. */
  isSettled(from: number, until: number): boolean {
    const enough = (this.#settlingOf(from) + this.#lag) * this.#speed
    return this.#lives.some(
      ({ ready, ended = Infinity }) => Math.max(ready ?? Infinity, from) + enough <= Math.min(ended, until),
    )
  }

  /**
   * What was on its way as the database went away is in doubt: the simulator's phones lie in it as well, and one is only tried again when a provider would
   * have listed it (seed 990069).
   */
  #settlingOf(at: number): number {
    const isInDoubt = this.#lives.some(
      ({ ended = Infinity }, place) => this.#isAway(place, ended) && Math.abs(ended - at) <= DOUBTFUL * this.#speed,
    )
    return isInDoubt ? SETTLED_AT_LAST : this.#settling
  }

  /** From when on somebody watched, at or after this moment, for long enough to act upon what had come. */
  actsFrom(at: number): number {
    const enough = this.acting
    for (const { ready, ended = Infinity } of this.#lives) {
      const from = Math.max(ready ?? Infinity, at)
      if (from + enough <= ended) return from
    }
    return Infinity
  }

  /**
   * Until when a deadline may come before what was stored at this moment: that was so shortly before the database went away that nobody acted upon it (seed
   * 800023), or it was stored by another kernel while the one in office was cut off and kept its office (seed 830160); and that was for longer than an
   * alarm waits.
   */
  unheardUntil(at: number): number {
    const gone = this.#lives.findIndex(({ ended = Infinity, end }, place) => {
      const isNear = Math.abs(at - ended) <= this.acting
      if (end === 'database') return isNear
      const next = this.#lives[place + 1]
      return (
        (end === 'cut' || end === 'silence') && next?.goesOn === true && (isNear || (at > ended && at < next.began))
      )
    })
    const back = gone < 0 ? undefined : this.#lives[gone + 1]?.began
    return back === undefined ? at : Math.max(at, back - LONGEST_AWAY * this.#speed)
  }

  /** Whether it was in a time in which the kernel in office could not save, and lost its office by it. */
  isCutOff(at: number): boolean {
    return this.cutOffSince(at) !== undefined
  }

  /** Since when it was. */
  cutOffSince(at: number): number | undefined {
    return this.#lives.find((life, place) => this.#isAway(place, at) && this.#lives[place + 1]?.goesOn !== true)?.ended
  }

  /** Whether nothing could be saved then, whoever was in office after that. */
  isAway(at: number): boolean {
    return this.#lives.some((_life, place) => this.#isAway(place, at))
  }

  #isAway(place: number, at: number): boolean {
    const { end, ended = Infinity } = this.#lives[place] ?? {}
    const back = this.#lives[place + 1]?.began ?? Infinity
    const isAway = end === 'database' || end === 'cut' || end === 'silence'
    return isAway && at >= ended - this.slack && at <= back + this.slack
  }

  /** For how long what came may not be acted upon. */
  get acting(): number {
    return ACTS * this.#speed
  }

  /** How far two clocks that should agree may be apart. */
  get slack(): number {
    return (60 + this.#lag) * this.#speed
  }

  /** How often a kernel began that knew only what was stored. */
  get deaths(): number {
    return this.#lives.filter((life) => life.ended !== undefined).length
  }
}
