import type { Duration } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { InboxItem } from '../ports/inbox.ts'
import { inTime } from './in-time.ts'
import type { Place } from './place.ts'

/** What cannot be applied holds up an order about its sender, and a cry for help behind it, for no longer than this. Real milliseconds. */
const PATIENCE: Duration = 10 * SECOND

/** An order holds up what its member sends after it for no longer than this: than it waits itself, in a backlog, too. Real milliseconds. */
const LONGEST_HOLD: Duration = 15 * SECOND

/** The line of those orders about a member that come from nobody's phone. */
export const lineOfMember = (id: string): string => `member:${id}`

/**
 * Whose turn it is: what one sender sends is applied in order, and an order about a member in its place among what that member sends
 * (docs/adr/0009-orders-in-line.md).
 */
export interface InTurn {
  /**
   * Puts it in line; `over` must resolve when it is applied, or will not be. `about`: the lines of the member whom an
   * order is about: "in Mo" must not be answered with the visit that Mo's OUT, still in line, ends; nor may Mo's next OUT overtake it (seed 850170).
   * Nobody else waits for such an order, also not what the same admin writes next. A cry for help waits no longer than an order does, and what is in
   * its line before it waits for no order any more; what may be one no longer than an order holds it up.
   */
  join: (
    item: Pick<InboxItem, 'sender'>,
    place: Pick<Place, 'about' | 'isCry' | 'mayBeCry'>,
    over: Promise<unknown>,
  ) => Turn
}

/**
 * `own` resolves when what the same sender sent before is over, `turn` when it may be applied, `before` when all is over that it ought to follow: that
 * may take for ever.
 */
export interface Turn {
  own: Promise<unknown>
  turn: Promise<unknown>
  before: Promise<unknown>
}

interface Line {
  /** Resolves when whoever stands last in it is over. */
  end: Promise<unknown>
  /** Lets go what orders hold up here. */
  free: (() => void)[]
}

export function createInTurn(clock: Clock): InTurn {
  const lines = new Map<string, Line>()

  const endOf = (name: string): Promise<unknown> => lines.get(name)?.end ?? Promise.resolve()

  const extend = (name: string, end: Promise<unknown>, free: (() => void)[] = []): void => {
    const line = { end, free: [...(lines.get(name)?.free ?? []), ...free] }
    lines.set(name, line)
    void end.then(() => {
      if (lines.get(name) === line) lines.delete(name)
    })
  }

  const within = (longest: Duration, all: Promise<unknown>): Promise<unknown> =>
    inTime<unknown>(clock, longest, all, () => undefined)

  const hold = (name: string, over: Promise<unknown>): void => {
    const { promise: freed, resolve } = Promise.withResolvers<undefined>()
    const held = within(LONGEST_HOLD, Promise.race([over, freed]))
    extend(name, Promise.all([endOf(name), held]), [() => resolve(undefined)])
  }

  return {
    join: ({ sender }, { about, isCry, mayBeCry }, over) => {
      if (isCry) for (const free of lines.get(sender)?.free ?? []) free()
      const own = endOf(sender)
      if (about.length === 0) {
        extend(sender, mayBeCry ? Promise.all([own, over]) : over)
        const turn = mayBeCry ? within(isCry ? PATIENCE : LONGEST_HOLD, own) : own
        return { own, turn, before: own }
      }
      const before = Promise.all(about.map(endOf))
      for (const name of about) hold(name, over)
      return { own, turn: Promise.all([own, within(PATIENCE, before)]), before }
    },
  }
}
