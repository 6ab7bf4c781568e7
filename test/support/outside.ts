// What stands between a story's kernel and the world, and everything that goes wrong there.
import { expect } from 'chai'
import type { MemberChannel } from '../../src/core/address.ts'
import type { Channel, Outgoing, Room } from '../../src/ports/channel.ts'
import { SendError } from '../../src/ports/channel.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Heard, Inbox } from '../../src/ports/inbox.ts'

/** What becomes of an attempt: nothing (it works), a `SendError`, or a promise that never ends. */
type Verdict = (text: string, to: string) => void | Promise<void>

export const works: Verdict = () => undefined
export const refuses: Verdict = () => {
  throw new SendError('refused', 'http-503')
}
export const hangs: Verdict = () => new Promise<never>(() => undefined)
export const hangsUp: Verdict = () => {
  throw new SendError('unknown', 'timeout')
}
export const optedOut: Verdict = () => {
  throw new SendError('dead', 'twilio-21610', { why: 'opted-out' })
}

/** The door of the room: `room: door.wrap` in a story's options. */
export class RoomDoor {
  verdict: Verdict = works
  /** What becomes of the answer to a message that the room has taken. */
  answer: Verdict = works
  /** Every attempt, with the id of its effect. */
  readonly attempts: { id: string; text: string; loud: boolean }[] = []
  readonly boards: string[] = []
  readers: number | undefined
  /** How the room looks for what another kernel said; absent where it cannot. */
  find: Room['find']

  readonly wrap = (room: Room): Room => ({
    ...(this.find && { find: this.find }),
    send: async (message) => {
      this.attempts.push({ id: message.id, text: message.text, loud: message.loud })
      await this.verdict(message.text, 'room')
      const accepted = await room.send(message)
      await this.answer(message.text, 'room')
      return this.readers === undefined ? accepted : { ...accepted, readers: this.readers }
    },
    showBoard: (text) => {
      this.boards.push(text)
      return room.showBoard(text)
    },
    readers: () => this.readers ?? room.readers(),
  })
}

interface Text {
  id: string
  to: string
  text: string
  at: number
  choices: string[]
  validity: number
}

/** A telephone company (or Telegram) of the story's own. It outlives every kernel, as they do. */
export class Line {
  verdict: Verdict = works
  readonly sent: Text[] = []
  readonly attempts: Text[] = []
  /** What the provider kept for us while nobody listened: read back at the next start. */
  readonly kept: { id: string; heard: Heard }[] = []
  /** What becomes of reading it back. */
  reading: () => void | Promise<void> = () => undefined
  readonly asked: number[] = []
  trouble: string | undefined
  readonly name: MemberChannel
  readonly doubt: Channel['doubt']
  private inbox: Inbox | undefined
  private clock: Clock | undefined

  constructor(name: MemberChannel, doubt: Channel['doubt'] = 'same-id') {
    this.name = name
    this.doubt = doubt
  }

  /** `channels: (inbox, clock) => [line.open(inbox, clock)]` in a story's options. */
  open(inbox: Inbox, clock: Clock): Channel {
    this.inbox = inbox
    this.clock = clock
    return {
      name: this.name,
      doubt: this.doubt,
      send: (message) => this.send(message),
      readBack: async (since) => {
        this.asked.push(since)
        await this.reading()
        for (const { id, heard } of this.kept.splice(0)) await this.put(id, heard)
      },
      trouble: () => this.trouble,
    }
  }

  private async send(message: Outgoing): Promise<{ providerId: string }> {
    const { id, text, to, choices, validity } = message
    const it = { id, to: to.address, text, at: this.clock?.now() ?? 0, choices: choices.map((c) => c.says), validity }
    this.attempts.push(it)
    await this.verdict(text, to.address)
    this.sent.push(it)
    return { providerId: `provider-${String(this.sent.length)}` }
  }

  private async put(id: string, heard: Heard): Promise<void> {
    const sender = 'from' in heard ? `${heard.from.channel}:${heard.from.address}` : heard.type
    await this.inbox?.put({ id, sender, receivedAt: this.clock?.now() ?? 0, heard })
  }

  to(address: string): string[] {
    return this.sent.filter((t) => t.to === address).map((t) => t.text)
  }

  heard(address: string, pattern: RegExp): string {
    const found = this.to(address).findLast((text) => pattern.test(text))
    expect(found, `${address} should hear ${String(pattern)}; heard:\n${this.to(address).join('\n--\n')}`).to.be.a(
      'string',
    )
    return found ?? ''
  }

  times(address: string, pattern: RegExp): number {
    return this.to(address).filter((text) => pattern.test(text)).length
  }
}
