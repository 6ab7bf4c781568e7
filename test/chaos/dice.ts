import { seededRandom } from '../support/seeded-random.ts'

/** Chances that fall the same way for the same seed. */
export interface Dice {
  /** From `from` to below `to`. */
  between(from: number, to: number): number
  /** Whole numbers, both included. */
  whole(from: number, to: number): number
  chance(of: number): boolean
  pick<T>(of: readonly [T, ...T[]]): T
  /** Dice of their own, so that who throws first does not matter. */
  branch(): Dice
}

export function dice(seed: number): Dice {
  const random = seededRandom(seed)
  const between = (from: number, to: number): number => from + random() * (to - from)
  const whole = (from: number, to: number): number => Math.floor(between(from, to + 1))
  return {
    between,
    whole,
    chance: (of) => random() < of,
    pick: (of) => of[whole(0, of.length - 1)] ?? of[0],
    branch: () => dice(whole(0, 2 ** 31)),
  }
}
