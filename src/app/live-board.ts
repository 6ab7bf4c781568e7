import type { Duration } from '../core/time.ts'
import { MINUTE } from '../core/time.ts'
import type { Room } from '../ports/channel.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Renderer } from '../ports/texts.ts'
import { boardLines } from './board.ts'
import { codeOf } from './due-loop.ts'
import type { Overview } from './overview.ts'

/** Real milliseconds that changes are gathered for, so that a storm is one edit and a take is seen at once. */
const GATHER: Duration = 500

/** With nothing new on it, the board still says from time to time that it is alive. */
const ALIVE: Duration = 5 * MINUTE

export interface LiveBoard {
  /** Somebody's state was saved: the board follows in half a second. */
  changed: () => void
  /** Shows the board if anything on it is new, or if it was last shown long ago. */
  show: () => Promise<void>
}

export function createLiveBoard(options: {
  room: Pick<Room, 'showBoard'>
  overview: Overview
  texts: Renderer
  language: string
  clock: Clock
  log: Log
}): LiveBoard {
  const { room, overview, texts, language, clock, log } = options
  let shown = ''
  let shownAt = -Infinity
  let gathering = false

  const show = async (): Promise<void> => {
    const at = clock.now()
    const [title, ...lines] = boardLines(overview, at)
    const body = texts.render(lines, language)
    if (body === shown && at - shownAt < ALIVE) return
    try {
      await room.showBoard(title ? `${texts.render([title], language)}\n${body}` : body)
      shown = body
      shownAt = at
    } catch (error) {
      log.warn('the board could not be shown; it is tried again in a few seconds', { code: codeOf(error) })
    }
  }

  return {
    show,
    changed: () => {
      if (gathering) return
      gathering = true
      void clock.pause(GATHER).then(() => {
        gathering = false
        return show()
      })
    },
  }
}
