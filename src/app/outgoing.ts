import type { Address } from '../core/address.ts'
import type { Effect } from '../core/effect.ts'
import type { Group } from '../core/group/group.ts'
import { addressFor } from '../core/member/lines.ts'
import type { Member } from '../core/member/member.ts'
import type { Instant } from '../core/time.ts'
import { DAY, HOUR } from '../core/time.ts'
import type { RoomMessage } from '../ports/channel.ts'
import type { Renderer } from '../ports/texts.ts'

export const isMember = (state: Member | Group): state is Member => 'addresses' in state

/** Where an effect goes now; undefined when there is no live way to its reader. */
export function destination(state: Member | Group, effect: Effect): Address | 'room' | undefined {
  switch (effect.recipient.to) {
    case 'room':
      return 'room'
    case 'person':
      return effect.recipient.address
    case 'member':
      return isMember(state) ? addressFor(state, effect) : undefined
    case 'group':
      return undefined
    default:
      return effect.recipient satisfies never
  }
}

/** The last hop: keys become words, in the language of whoever reads them. */
export function outgoing(
  state: Member | Group,
  effect: Effect,
  texts: Renderer,
  groupLanguage: string,
  now: Instant,
  speed: number,
): RoomMessage {
  const language = effect.recipient.to === 'member' && isMember(state) ? state.language : groupLanguage
  const validity = ((effect.expiresAt ?? now + DAY) - now) / speed
  return {
    id: effect.id,
    text: texts.render(effect.body, language),
    choices: (effect.choices ?? []).map((c) => ({ label: texts.render([c.label], language), says: c.says })),
    urgency: effect.urgency,
    validity: Math.max(1_000, Math.min(validity, 10 * HOUR)),
    since: effect.createdAt,
    loud: effect.loud === true,
    purpose: effect.purpose,
    ...(effect.incident !== undefined && { incident: effect.incident }),
    ...(effect.media && { media: effect.media }),
  }
}
