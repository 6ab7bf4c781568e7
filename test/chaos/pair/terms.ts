import type { OfficeTimes } from '../../../src/stores/mongodb/office.ts'

/**
 * Terms in office that are short, so that a round sees several changes. Less is always left of them than what a send needs without asking
 * (`SHORTEST` in src/app/fence.ts): each send asks the database first whether the term goes on.
 */
export const quickTimes: OfficeTimes = { lease: 3_000, beat: 500, margin: 200, look: 250, comeBack: 3_000 }

/** As they are where nobody says otherwise: of these there is enough left between two beats, and a send asks nobody. */
const usualTimes = { lease: 10_000, margin: 500, comeBack: 6_000 }

/** What a round must know of its terms. Real milliseconds. */
export interface Terms {
  areUsual: boolean
  lease: number
  /**
   * For how long a kernel is frozen or cut off: longer than a term. And shorter than a term and the 10 s for which a doubtful text is looked for
   * before it is sent again, or a text could go out twice (`extras.ts`).
   */
  away: readonly [number, number]
  /** From when a kernel acts no more, for this reason, until another one watches. */
  longestWithout: (end: string) => number
  /** How many troubles a round has. */
  troubles: readonly [number, number]
}

/** A start and whatever else it takes on a busy machine, and a database that is away for two seconds. */
const START = 12_000
const OUTAGE = 4_000

const termsWith = ({ lease, margin, comeBack }: typeof usualTimes): Omit<Terms, 'areUsual' | 'troubles'> => ({
  lease,
  away: [lease + 1_500, lease + 5_000],
  longestWithout: (end) => {
    // Given back: nobody waits until it runs out.
    if (end === 'hand-over') return START
    return lease + margin + START + (end === 'database' ? OUTAGE + comeBack : 0)
  },
})

export const quickTerms: Terms = { ...termsWith(quickTimes), areUsual: false, troubles: [2, 3] }
const usual: Terms = { ...termsWith(usualTimes), areUsual: true, troubles: [1, 2] }

/** One round in six is played with terms as they are outside. */
export const termsOf = (seed: number): Terms => (seed % 6 === 0 ? usual : quickTerms)
