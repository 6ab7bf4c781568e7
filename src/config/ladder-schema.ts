import * as z from 'zod'
import type { Ladder } from '../core/policy.ts'
import { formatDuration } from '../core/duration.ts'
import { DAY, MINUTE } from '../core/time.ts'
import { length, onOff, oneOf } from './readers.ts'

/** The longest that an alarm may be quiet while nobody has it: design/protocol.md repeats every 5 min, a group may stretch it to this. */
const LONGEST_SILENCE = 15 * MINUTE

const nudge = oneOf(['first', 'next', 'everyone']).schema.optional()

const step = z.strictObject({ after: length(0, DAY, '5m').schema, room: onOff.schema.default(false), nudge })

const repeat = z.strictObject({
  every: length(MINUTE, LONGEST_SILENCE, '5m').schema,
  room: onOff.schema.default(true),
  nudge,
})

/** A ladder that keeps the floor: it starts at once and in the room (S8), climbs in order, and is never quiet for long (S3). */
export const ladderSchema = (name: keyof typeof extra): z.ZodType<Ladder> =>
  z
    .strictObject({ steps: z.array(step).min(1).max(20), repeat })
    .superRefine(({ steps, repeat }, context) => {
      const fail = (path: (string | number)[], message: string): void =>
        context.addIssue({ code: 'custom', path, message })
      if (steps.length === 0) return // Said already.
      if (steps[0]?.after !== 0) fail(['steps', 0, 'after'], '0s: the first step never waits')
      if (!steps[0]?.room) fail(['steps', 0, 'room'], 'yes: the first alert always goes to the room')
      if (!repeat.room) fail(['repeat', 'room'], 'yes: the repeats always go to the room')
      for (const [index, { after, room, nudge }] of steps.entries()) {
        const before = steps[index - 1]?.after ?? 0
        if (!room && !nudge) fail(['steps', index], 'room: yes, or nudge, or both: this step tells nobody')
        if (index > 0 && after <= before)
          fail(['steps', index, 'after'], `more than the step before, which is ${formatDuration(before)}`)
        if (after - before > LONGEST_SILENCE)
          fail(['steps', index, 'after'], `at most ${formatDuration(LONGEST_SILENCE)} after the step before`)
      }
      extra[name](steps, fail)
    })
    .transform(({ steps, repeat }) => ({
      steps: steps.map(({ after, room, nudge }) => ({ after, room, ...(nudge && { nudge }) })),
      repeat: { every: repeat.every, room: true, ...(repeat.nudge && { nudge: repeat.nudge }) },
    }))

type Fail = (path: (string | number)[], message: string) => void

const extra = {
  overdue: () => undefined,
  /** Somebody asked for help: people are rung at once, not after a delay. */
  sos: (steps: z.infer<typeof step>[], fail: Fail) => {
    if (!steps[0]?.nudge) fail(['steps', 0, 'nudge'], 'first, next or everyone: an SOS nudges at once')
  },
}
