import { parseOrder } from '../../../src/core/commands/parse-order.ts'
import type { Names, Order } from '../../../src/core/commands/order.ts'

const named = (...names: string[]): Names['members'] => names.map((name) => ({ id: name.toLowerCase(), name }))

export const names: Names = {
  members: [
    ...named('Mo', 'Moira Lee', 'Ana Maria', 'Ana Belén', 'Seán O’Brien', 'Notes Keeper'),
    { id: 'sam-1', name: 'Sam' },
    { id: 'sam-2', name: 'Sam' },
  ],
  languages: ['en', 'fr', 'de', 'pt-BR'],
  number: (given) => {
    const digits = given.replace(/[^\d+]/g, '')
    if (/^0\d{10}$/.test(digits)) return `+44${digits.slice(1)}`
    return /^\+\d{10,14}$/.test(digits) ? digits : undefined
  },
}

/** As a line of an admin in a group of those members. */
export const order = (line: string): Order => parseOrder(line, names)

export const talk: Order = { type: 'talk' }
export const usage = (word: string): Order => ({ type: 'unclear', word, why: 'usage' })
