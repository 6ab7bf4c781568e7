// The queue of a bot at Telegram: an update stays until a getUpdates with a higher offset confirms it.
import { EventEmitter, once } from 'node:events'
import { faultsOfType } from './bot-api-description.ts'

interface Question {
  offset?: number
  limit?: number
  timeout?: number
  allowed_updates?: string[]
}

export type Update = Record<string, unknown> & { update_id: number }
type Answer = (error: string | undefined, updates: Update[]) => void

interface Poll {
  question: Question
  answer: Answer
  timer: NodeJS.Timeout
}

export class UpdateQueue {
  #queue: Update[] = []
  #nextId = 870_000_001
  #allowed: string[] | undefined
  #poll: Poll | undefined
  readonly #events = new EventEmitter()

  /** Puts an update that the Bot API would never send. */
  smuggle(part: Record<string, unknown>): void {
    this.#queue.push({ update_id: this.#nextId++, ...part })
    this.#serve()
  }

  /** Puts an update at the end and hands it to whoever is polling. Returns its id. */
  add(part: Record<string, unknown>): number {
    const update = { update_id: this.#nextId++, ...part }
    const wrong = faultsOfType('Update', update)
    if (wrong.length > 0) throw new Error(`no such update at Telegram: ${wrong.join('; ')}`)
    this.#queue.push(update)
    this.#serve()
    return update.update_id
  }

  /** As after a quiet week: counting goes on from another number, perhaps a lower one. */
  countFrom(id: number): void {
    this.#nextId = id
  }

  /** Ids that are still to be confirmed. */
  unconfirmed(): number[] {
    return this.#queue.map((u) => u.update_id)
  }

  /** Resolves as soon as everything was confirmed. */
  async confirmed(): Promise<void> {
    while (this.#queue.length > 0) await once(this.#events, 'asked')
  }

  /** Resolves as soon as somebody holds a long poll open. */
  async polled(): Promise<void> {
    while (!this.#poll) await once(this.#events, 'asked')
  }

  poll(question: Question, answer: Answer): void {
    this.#poll && this.#answer(this.#poll, 'Conflict: terminated by other getUpdates request', [])
    const { allowed_updates: allowed } = question
    // An empty list means the usual kinds.
    if (allowed) this.#allowed = allowed.length > 0 ? allowed : undefined
    this.#confirm(question.offset)
    const timer = setTimeout(() => this.#answer(poll, undefined, []), (question.timeout ?? 0) * 1_000)
    const poll: Poll = { question, answer, timer }
    this.#poll = poll
    this.#serve()
    this.#events.emit('asked')
  }

  /** The connection of a poll is gone. Without a question: of any. */
  forgetPoller(question?: unknown): void {
    if (!this.#poll || (question !== undefined && this.#poll.question !== question)) return
    clearTimeout(this.#poll.timer)
    this.#poll = undefined
  }

  #confirm(offset: number | undefined): void {
    if (offset === undefined) return
    this.#queue = offset < 0 ? this.#queue.slice(offset) : this.#queue.filter((u) => u.update_id >= offset)
  }

  #serve(): void {
    const poll = this.#poll
    if (!poll) return
    const wanted = this.#queue.filter((u) => this.#allowed?.some((kind) => kind in u) ?? true)
    if (wanted.length > 0) this.#answer(poll, undefined, wanted.slice(0, poll.question.limit ?? 100))
  }

  #answer(poll: Poll, error: string | undefined, updates: Update[]): void {
    this.forgetPoller(poll.question)
    poll.answer(error, updates)
  }
}
