import type { Act, History } from '../history.ts'
import type { Watch } from './watch.ts'

/** Whether their phone heard something just after it came: then somebody acted upon it. */
export function wasAnswered({ name, came }: Act, { people, said }: History, { acting }: Watch): boolean {
  const number = people.find((person) => person.name === name)?.number
  return said.some(({ to, at }) => to === number && at >= came && at <= came + acting)
}
