import { randomUUID } from 'node:crypto'
import type { Duration } from '../../core/time.ts'
import { MINUTE } from '../../core/time.ts'
import type { RoomMessage } from '../../ports/channel.ts'
import type { Log } from '../../ports/log.ts'
import type { Budget } from './budget.ts'
import { boardContent, endsAlert } from './content.ts'
import { POLL_END_TYPE, POLL_START, pollContent, pollEndContent } from './poll.ts'
import type { RoomBook } from './room-record.ts'
import type { Sender } from './send.ts'

/** What stands beside the messages: a poll under each alert, and the board. None of it may cost an alarm its turn. */
export interface Attend {
  /** After a message went out: a poll under an alert; the end of the poll of what was taken or is over. Never rejects. */
  after: (message: RoomMessage) => Promise<void>
  /** Ends the polls that could not be ended before, and makes those that had to wait. Never rejects. */
  tidy: () => Promise<void>
  /** Something waits for the budget. */
  isWaiting: () => boolean
  /** Edits the board in place; the first time it is made and pinned. Throws `SendError`. */
  showBoard: (text: string) => Promise<void>
}

/** Polls that wait for the budget, and for how long (real milliseconds). */
const MOST_WAITING = 3
/** More than there are alerts of which nobody knows whether they went out. */
const POLLS_REMEMBERED = 100
const WORTH_MAKING: Duration = MINUTE

export function createAttend(options: {
  sender: Sender
  book: RoomBook
  budget: Budget
  pin: (event: string) => Promise<void>
  words: { question: string; over: string }
  /** Something that can wait until the budget allows it again. */
  busy: () => Error
  log: Log
}): Attend {
  const { sender, book, budget, pin, words, busy, log } = options

  /** By incident: what the board, say, has just used up comes again in seconds, and the poll is still of use then. */
  const waiting = new Map<string, { message: RoomMessage; since: number }>()
  let opened: string[] = []

  const open = async (message: RoomMessage): Promise<void> => {
    const { id, incident, choices } = message
    if (incident === undefined || choices.length < 2) return
    if (!budget.mayGo()) {
      waiting.set(incident, { message, since: performance.now() })
      return
    }
    waiting.delete(incident)
    const { event } = await sender.event(`${id}.poll`, POLL_START, pollContent(`${id}.poll`, words.question, choices))
    const earlier = book.now().polls[incident]
    // The alert went out twice under one id, after an attempt that nobody could vouch for: it is the same poll, open or ended.
    if (event === earlier || opened.includes(event)) return
    await book.change({ type: 'poll-opened', incident, event })
    opened = [...opened, event].slice(-POLLS_REMEMBERED)
    if (earlier !== undefined) await tidy()
  }

  const close = async (incident: string | undefined): Promise<void> => {
    if (incident === undefined) return
    waiting.delete(incident)
    if (book.now().polls[incident] === undefined) return
    await book.change({ type: 'poll-over', incident })
    await tidy()
  }

  let tidying = false
  const tidy = async (): Promise<void> => {
    if (tidying) return
    tidying = true
    try {
      for (const poll of book.now().over ?? []) {
        if (!budget.mayGo()) return
        const id = `${poll}.over`
        await sender.event(id, POLL_END_TYPE, pollEndContent(id, poll, words.over))
        await book.change({ type: 'poll-ended', event: poll })
      }
      // In a storm only the last few: the alarms after it need the budget more.
      const late = [...waiting].slice(0, -MOST_WAITING).map(([incident]) => incident)
      const old = [...waiting].filter(([, { since }]) => performance.now() - since > WORTH_MAKING)
      for (const incident of [...late, ...old.map(([it]) => it)]) waiting.delete(incident)
      for (const { message } of [...waiting.values()]) if (budget.mayGo()) await open(message)
    } finally {
      tidying = false
    }
  }

  return {
    after: async (message) => {
      try {
        if (message.purpose === 'alert') await open(message)
        else if (endsAlert.has(message.purpose)) await close(message.incident)
      } catch {
        // The alert itself says what to write; a poll is only the shorter way.
        log.warn('a poll in the room could not be shown or ended')
      }
    },
    tidy: () => tidy().catch(() => undefined),
    isWaiting: () => waiting.size > 0 || (book.now().over ?? []).length > 0,
    showBoard: async (text) => {
      if (!budget.mayGo()) throw busy()
      const { boardEvent } = book.now()
      if (boardEvent !== undefined) {
        const id = `board:${randomUUID()}`
        await sender.event(id, 'm.room.message', boardContent(id, text, boardEvent))
        return
      }
      const id = `board:${String(book.now().version)}`
      const { event } = await sender.event(id, 'm.room.message', boardContent(id, text))
      await book.change({ type: 'board-shown', event })
      await pin(event)
    },
  }
}
