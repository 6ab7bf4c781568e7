import { randomUUID } from 'node:crypto'
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
  /** Ends the polls that could not be ended before. Never rejects. */
  tidy: () => Promise<void>
  /** Edits the board in place; the first time it is made and pinned. Throws `SendError`. */
  showBoard: (text: string) => Promise<void>
}

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

  const open = async ({ id, incident, choices }: RoomMessage): Promise<void> => {
    if (incident === undefined || choices.length < 2 || !budget.mayGo()) return
    await close(incident)
    const { event } = await sender.event(`${id}.poll`, POLL_START, pollContent(`${id}.poll`, words.question, choices))
    await book.change({ type: 'poll-opened', incident, event })
  }

  const close = async (incident: string | undefined): Promise<void> => {
    if (incident === undefined || book.now().polls[incident] === undefined) return
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
