import type { Policy } from '../core/policy.ts'
import { HOUR, MINUTE } from '../core/time.ts'

/**
 * What holds wherever a protocol file says nothing or cannot be read: an alarm must climb even then. The same as
 * config/protocols/default.yaml, which a test compares; the numbers are those of design/protocol.md section 3.
 */
export const builtInProtocol: Pick<Policy, 'timed' | 'ladders' | 'take' | 'storm'> = {
  timed: { duration: 60 * MINUTE, longest: 12 * HOUR, reminders: [10 * MINUTE, 3 * MINUTE] },
  take: { lasts: 30 * MINUTE, longest: 12 * HOUR, askBefore: 5 * MINUTE, tellUntakenAfter: 10 * MINUTE },
  storm: { members: 3, within: 5 * MINUTE, alerts: 5 },
  ladders: {
    overdue: {
      steps: [
        { after: 0, room: true },
        { after: 2 * MINUTE, room: false, nudge: 'first' },
        { after: 5 * MINUTE, room: true, nudge: 'next' },
        { after: 10 * MINUTE, room: true, nudge: 'everyone' },
      ],
      repeat: { every: 5 * MINUTE, room: true, nudge: 'everyone' },
    },
    sos: {
      steps: [{ after: 0, room: true, nudge: 'everyone' }],
      repeat: { every: 5 * MINUTE, room: true, nudge: 'everyone' },
    },
  },
}
