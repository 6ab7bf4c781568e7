import type { Waits } from '../core/policy.ts'
import { MINUTE, SECOND } from '../core/time.ts'

/**
 * Waits that are about machines and not about people, in real milliseconds. They are no settings: each one is a promise of
 * DESIGN.md section 1 seen from its other side, and a larger one would break it quietly.
 */
export const realWaits: Waits = {
  // "Alert sent to N people" should be in the first answer; a member in danger must not wait longer for any answer at all.
  answer: 3 * SECOND,
  // design/protocol.md section 3: the room cannot be reached for 15 s, so people are nudged directly.
  roomDown: 15 * SECOND,
  // Twilio and Telegram answer within 2 s or not at all; 20 s covers a slow mobile uplink, and one hanging request holds up only itself.
  attempt: 20 * SECOND,
  // One lost packet is over after a second.
  backoff: 1 * SECOND,
  // design/engine.md section 3: a waiting alert is tried at least every 5 s.
  backoffAlert: 5 * SECOND,
  // The rest does not hammer a provider that is down, and is back within minutes of its return.
  backoffLongest: 5 * MINUTE,
  // design/engine.md section 3: a nudge that is not delivered within 60 s goes to the next channel.
  evidence: 60 * SECOND,
  // design/protocol.md section 3: later joiners are named at most once in 5 s; DESIGN.md S2: all are named within 5 s.
  rollCall: 5 * SECOND,
  // Deadlines at whole minutes come in the same instant; the first alert has gone out by then, and S2 gives the next ones a second.
  gather: SECOND / 4,
  // design/engine.md section 1: if the group's save fails for 1 s, alerts go out singly.
  second: 1 * SECOND,
  // Twilio's list shows a message some seconds after it was accepted; looking earlier would send it twice.
  doubt: 10 * SECOND,
}

/** The same waits by a kernel clock that runs `speed` times as fast as real time. */
export const kernelWaits = (speed: number): Waits => ({
  answer: realWaits.answer * speed,
  roomDown: realWaits.roomDown * speed,
  attempt: realWaits.attempt * speed,
  backoff: realWaits.backoff * speed,
  backoffAlert: realWaits.backoffAlert * speed,
  backoffLongest: realWaits.backoffLongest * speed,
  evidence: realWaits.evidence * speed,
  rollCall: realWaits.rollCall * speed,
  gather: realWaits.gather * speed,
  second: realWaits.second * speed,
  doubt: realWaits.doubt * speed,
})
