import { clock as clockText, text } from '../core/texts.ts'
import type { Instant } from '../core/time.ts'
import { HOUR } from '../core/time.ts'
import type { Room } from '../ports/channel.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Renderer } from '../ports/texts.ts'
import { codeOf } from './due-loop.ts'
import { HICCUP } from './outages.ts'
import type { Overview } from './overview.ts'
import type { Stamp } from './stamp.ts'

/**
 * Tells the room that nothing can be saved. What is announced is saved first, as everything is, so this goes there past the store, under an id of
 * its own: a room that knows the id shows it once. That it is over is announced as ever.
 */
export function createStoreTrouble(options: {
  stamp: Pick<Stamp, 'trouble'>
  room: Pick<Room, 'send'>
  overview: Overview
  texts: Renderer
  language: string
  clock: Clock
  log: Log
}): { look: () => Promise<void> } {
  const { stamp, room, overview, texts, language, clock, log } = options
  let seen: { since: Instant; isSaid: boolean; isLogged: boolean } | undefined
  let saying: Promise<void> | undefined

  const say = async (of: NonNullable<typeof seen>, code: string): Promise<void> => {
    const { since } = of
    const what = text('room.trouble', { what: text('part.store'), code, since: clockText(since) })
    const isLoud = overview.out().length > 0
    try {
      await room.send({
        id: `trouble:store:${String(since)}`,
        text: texts.render(
          [what, code === 'newer-schema' ? text('room.trouble.outdated') : text('room.trouble.store')],
          language,
        ),
        choices: [],
        urgency: isLoud ? 'alert' : 'notice',
        purpose: 'announcement',
        loud: isLoud,
        validity: HOUR,
        since,
      })
      of.isSaid = true
    } catch (error) {
      if (!of.isLogged)
        log.error('the room could not be told that nothing can be saved; it is tried again in five seconds', {
          code: codeOf(error),
        })
      of.isLogged = true
    }
  }

  return {
    look: () => {
      const trouble = stamp.trouble()
      // Whoever was frozen for long finds both in one moment: that it takes so long, and that it is over.
      if (trouble?.since !== seen?.since) seen = trouble && { since: trouble.since, isSaid: false, isLogged: false }
      else if (trouble && seen && !seen.isSaid && (clock.now() - trouble.since) / clock.speed >= HICCUP)
        // A room that does not answer must not hold up who else looks.
        saying ??= say(seen, trouble.code).finally(() => (saying = undefined))
      return Promise.resolve()
    },
  }
}
