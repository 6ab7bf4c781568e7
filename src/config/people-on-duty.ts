import type { DutyPerson } from '../core/group/group.ts'
import type { Watch } from '../core/member/event.ts'
import type { Config } from './config.ts'

/** Several addresses of one person are ways to them, tried one after the other. */
export function dutyOf(config: Config): DutyPerson[] {
  const people = new Map<string, DutyPerson>()
  for (const { id, address } of config.duty) {
    const known = people.get(id) ?? { id, addresses: [] }
    known.addresses.push(address)
    people.set(id, known)
  }
  return [...people.values()]
}

/** What every IN must say of the watch. A simulator alone is for trying out: nobody expects a volunteer behind it. */
export function standing(config: Config): Watch {
  const realPhones = config.twilio ?? config.telegram ?? config.androidSms
  if (realPhones && !config.matrix) return { trouble: 'no-room' }
  return realPhones && config.duty.length === 0 ? { trouble: 'nobody-on-duty' } : {}
}
