import type { FakeTwilio } from '../support/fake-twilio.ts'
import type { Fault } from '../support/fake-twilio-api.ts'
import type { Dice } from './dice.ts'
import { pause } from './lives.ts'

/** What goes wrong with a provider for a moment, beside our deaths. */
const faults: readonly [Fault, ...Fault[]] = [
  { status: 503 },
  { status: 502 },
  { code: 20429, retryAfter: 1 },
  'drop',
  'accept-then-drop',
  'garbage',
]

/** Until it is over, one request in a while goes wrong. */
export async function badDay(twilio: FakeTwilio, chance: Dice, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await pause(chance.between(200, 1_500))
    twilio.fail(chance.pick(faults), { times: chance.whole(1, 2) })
  }
  twilio.heal()
}
