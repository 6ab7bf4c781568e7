import type { RealLife } from '../lives.ts'
import type { Terms } from './terms.ts'

/** Each time in which nobody watched for longer than it may take. Of one that went on for a moment beside the next one nothing was missed (seed 990107). */
export const tooLong = (
  lives: readonly RealLife[],
  { longestWithout }: Pick<Terms, 'longestWithout'>,
  lag: number,
): string[] =>
  lives.flatMap(({ ended, end = '?' }) => {
    if (ended === undefined) return []
    const next = Math.min(
      ...lives.flatMap((it) => (it.ready !== undefined && (it.ended ?? Infinity) > ended ? it.ready : [])),
    )
    if (next === Infinity || next - ended <= longestWithout(end) + lag) return []
    return [`nobody watched for ${String(next - ended)} ms after: ${end}`]
  })
