import type { Dice } from './dice.ts'
import type { Person, Stranger } from './history.ts'
import { pause } from './lives.ts'
import { Actor } from './person.ts'
import type { Visit } from './visits.ts'
import { lastWord, live } from './visits.ts'
import type { World } from './world.ts'

/** A stranger writes within so many real milliseconds. */
const STRANGER_WITHIN = 6_000

/** The people of a round, and somebody whom nobody knows. */
export function cast(options: {
  people: readonly Person[]
  chance: Dice
  world: World
  speed: number
  /** How the stranger writes. */
  via: Person['via']
  isOver: () => boolean
}): { play: (favourite: Visit | undefined, ...meanwhile: (Promise<unknown> | undefined)[]) => Promise<Stranger[]> } {
  const { people, chance, world, speed, via, isOver } = options
  const actors = people.map((person) => new Actor({ person, dice: chance.branch(), world, speed, isOver }))
  const number = '+447700900990'
  const token = actors[0]?.token() ?? ''
  const stranger = async (): Promise<Stranger> => {
    await pause(chance.between(500, STRANGER_WITHIN))
    return { number, token, fate: await world.stranger(number, via, `hello ${token}`) }
  }
  return {
    play: async (favourite, ...meanwhile) => {
      const strange = stranger()
      await Promise.all([strange, ...meanwhile, ...actors.map((actor) => live(actor, favourite))])
      await Promise.all(actors.map(lastWord))
      return [await strange]
    },
  }
}
