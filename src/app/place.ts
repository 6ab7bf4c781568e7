import type { Address } from '../core/address.ts'
import type { CommandWords } from '../core/commands/words.ts'
import type { Heard, InboxItem } from '../ports/inbox.ts'
import { senderAt } from '../ports/inbox.ts'
import { lineOfMember } from './in-turn.ts'
import { isCry, mayBeCry, understand } from './understand.ts'

/** A member and all their lines. */
export interface Addressed {
  id: string
  addresses: readonly Address[]
}

export const linesOf = ({ id, addresses }: Addressed): string[] => [lineOfMember(id), ...addresses.map(senderAt)]

/** What the place in line of an item depends on. */
export interface Place {
  /** The lines of the member whom an order is about, first that of the member. */
  about: readonly string[]
  /** In a backlog nobody waits for it who is not in its lines. */
  isTimed: boolean
  /** A flood of texts does not hold it up. */
  isUrgent: boolean
  /** A cry for help, whoever it comes from. */
  isCry: boolean
  /** Or one only from whoever is out, or was asked. */
  mayBeCry: boolean
}

/**
 * What its place in line depends on, and whether it goes past the gate. What cannot be read is put in line all the same: whoever applies it meets the
 * same fault, and tells people.
 */
export function createPlaceOf(options: {
  /** Whom an order is about that changes whether they are watched or for how long (`isTimed`), or by which phone; undefined for any other. */
  about: (order: Extract<Heard, { type: 'order' }>) => { member: Addressed; isTimed: boolean } | undefined
  /** The group's: who writes is not looked up for it. */
  words: () => CommandWords
}): (item: InboxItem) => Place {
  return ({ heard }) => {
    try {
      const order = heard.type === 'order' ? options.about(heard) : undefined
      const said = heard.type === 'message' ? understand(heard, options.words()) : undefined
      return {
        about: order ? linesOf(order.member) : [],
        isTimed: order?.isTimed ?? false,
        isUrgent: said ? mayBeCry(said) : heard.type === 'order',
        isCry: said !== undefined && isCry(said),
        mayBeCry: said !== undefined && mayBeCry(said),
      }
    } catch {
      return { about: [], isTimed: false, isUrgent: true, isCry: false, mayBeCry: false }
    }
  }
}
