import type { FakeTwilio } from '../support/fake-twilio.ts'
import { postJson } from '../support/raw-request.ts'
import { effectOf } from './effect-of.ts'
import type { Act, Person, Verb } from './history.ts'
import { now, pause } from './lives.ts'
import type { EncryptedRoom } from './room/room.ts'

const ADMIN = '@admin:simulator'
/** Real milliseconds: between two looks at what was sent, and between two tries to hand something over. */
const LOOK = 40
const TRY_AGAIN = 150
/** For how long somebody tries; a kernel is never away for so long. */
const LONGEST_TRY = 40_000
/** How often Twilio calls for one text: once and, if that failed, perhaps once more. */
const CALLS = 2

/** A text to a phone or the room, as it was seen. `n`: its number in the simulator's list. */
export interface Seen {
  n?: number
  to: string
  text: string
  /** Of the simulator's list: the kernel's clock. Of Twilio: real time. */
  at: number
  clock: 'kernel' | 'real'
  /** As Twilio was told it: its reports go to an address that names it. */
  effect?: string
}

/** An act with real times. */
export type RealAct = Act

/** Phones, the room's admin and the provider between them and us; keeps a record of all that is written and said. */
export class World {
  readonly acts: RealAct[] = []
  readonly seen: Seen[] = []
  readonly troubles: string[] = []
  readonly twilio: FakeTwilio | undefined
  readonly #lives: { readonly url: string }
  readonly #room: EncryptedRoom | undefined
  readonly #numbers: string[] = []
  readonly #smsSeen = new Map<string, number>()
  #highest = 0
  #isOpen = true
  #looking: Promise<void> | undefined

  constructor(lives: { readonly url: string }, twilio: FakeTwilio | undefined, room: EncryptedRoom | undefined) {
    this.#lives = lives
    this.twilio = twilio
    this.#room = room
  }

  begin(): void {
    this.#looking = this.#look()
  }

  async end(): Promise<void> {
    this.#isOpen = false
    await this.#looking
  }

  /** Somebody with a real phone: what Twilio took for it is looked at, too. */
  knows(number: string): void {
    if (!this.#numbers.includes(number)) this.#numbers.push(number)
  }

  /** Writes from a phone, and does not rest until it is handed over or nobody can tell. */
  async text(person: Person, verb: Verb, text: string, more: Partial<Act> = {}): Promise<RealAct> {
    const act = this.#begin(person.name, verb, text, more)
    if (person.via === 'sms') await this.#bySms(person.number, act)
    else await this.#post({ from: person.number, text }, act)
    return act
  }

  async order(name: string, verb: Verb, text: string, more: Partial<Act> = {}): Promise<RealAct> {
    const act = this.#begin(name, verb, text, more)
    if (this.#room) await this.#inRoom(this.#room, act)
    else await this.#post({ from: ADMIN, text }, act)
    return act
  }

  /** The homeserver has it, and keeps it until a kernel has stored it. */
  async #inRoom(room: EncryptedRoom, act: RealAct): Promise<void> {
    const { end, isStored } = await room.order(act.text, act.text.length % 3 === 0)
    act.end = act.came = end
    if (isStored) act.fate = 'stored'
    else this.troubles.push('an order was never read in the room')
  }

  /** From nobody's number: no act of a member's. */
  async stranger(number: string, via: Person['via'], text: string): Promise<Act['fate']> {
    const act: RealAct = { name: '', verb: 'words', text, sent: now(), end: 0, came: 0, fate: 'maybe' }
    if (via === 'sms') await this.#bySms(number, act)
    else await this.#post({ from: number, text }, act)
    return act.fate
  }

  #begin(name: string, verb: Verb, text: string, more: Partial<Act>): RealAct {
    const act: RealAct = { name, verb, text, ...more, sent: now(), end: 0, came: 0, fate: 'maybe' }
    this.acts.push(act)
    return act
  }

  async #post(body: object, act: RealAct): Promise<void> {
    for (const until = now() + LONGEST_TRY; now() < until; await pause(TRY_AGAIN)) {
      act.sent = now()
      const status = await postJson(Number(new URL(this.#lives.url).port), '/simulator/messages', body).then(
        // A kernel that begins asks to come again. One that cannot store may have stored it all the same: its database had no time to answer.
        (answer) => (answer.status === 503 && answer.body.includes('could not be stored') ? 'broken' : answer.status),
        (error: unknown) => (refused(error) ? 'nobody' : 'broken'),
      )
      act.end = act.came = now()
      if (status === 200 || status === 'broken') {
        act.fate = status === 200 ? 'stored' : 'maybe'
        return
      }
      // 408: a kernel that was frozen for longer than headers may take to come has not read them.
      if (status !== 'nobody' && status !== 503 && status !== 408) this.troubles.push(`a text was answered ${status}`)
    }
    this.troubles.push('a text could not be handed over')
  }

  /** The provider has it from now on, and it is ours to fetch if we do not answer. */
  async #bySms(number: string, act: RealAct): Promise<void> {
    if (!this.twilio) throw new Error('no Twilio in this world')
    this.knows(number)
    act.fate = 'stored'
    act.isText = true
    act.came = act.sent
    const { sid, status } = await this.twilio.text(number, act.text)
    act.end = now()
    if (ok(status)) act.came = act.end
    for (let calls = 1, last = status; calls < CALLS && !ok(last); calls++) {
      await pause(TRY_AGAIN * 2)
      last = (await this.twilio.deliver(sid)).status
      act.end = now()
    }
    // As Twilio does now and then: the same text twice, although we answered.
    if (act.text.length % 5 === 0) await this.twilio.deliver(sid)
  }

  /** The first thing said to `to` from place `since` on that fits, and not before `from`; undefined if it does not come. */
  async hears(to: string, fits: RegExp, since: number, within: number, from = -Infinity): Promise<Seen | undefined> {
    for (const until = now() + within; ; await pause(LOOK)) {
      const found = this.seen.find(
        (one, place) => place >= since && one.at >= from && one.to === to && fits.test(one.text),
      )
      if (found || now() > until) return found
    }
  }

  async #look(): Promise<void> {
    while (this.#isOpen) {
      await this.#readList(this.#highest)
      this.#readSms()
      for (const { text, at } of this.#room?.fresh() ?? []) this.seen.push({ to: 'room', text, at, clock: 'kernel' })
      await pause(LOOK)
    }
  }

  async #readList(after: number): Promise<void> {
    const list = await this.list(after)
    for (const one of list) {
      if (one.n !== undefined && one.n <= this.#highest) continue
      this.#highest = one.n ?? this.#highest
      this.seen.push(one)
    }
  }

  /** What the simulator shows; nothing while nobody is there. */
  async list(after: number): Promise<Seen[]> {
    try {
      const answer = await fetch(`${this.#lives.url}/simulator/messages?after=${after}`)
      if (!answer.ok) return []
      const shown = (await answer.json()) as { n: number; to: string; text: string; at: string }[]
      return shown.map(({ n, to, text, at }) => ({ n, to, text, at: Date.parse(at), clock: 'kernel' }))
    } catch {
      return []
    }
  }

  #readSms(): void {
    for (const number of this.twilio ? this.#numbers : []) {
      const all = this.twilio?.sentTo(number) ?? []
      for (const { body, createdAt, statusCallback } of all.slice(this.#smsSeen.get(number) ?? 0)) {
        const effect = effectOf(statusCallback)
        this.seen.push({
          to: number,
          text: body,
          at: createdAt,
          clock: 'real',
          ...(effect !== undefined && { effect }),
        })
      }
      this.#smsSeen.set(number, all.length)
    }
  }

  /** What was shown once is shown for ever, under its number (the simulator's contract). */
  async compareList(): Promise<void> {
    const again = new Map((await this.list(0)).map((one) => [one.n, one]))
    for (const one of this.seen) {
      if (one.n === undefined) continue
      const same = again.get(one.n)
      if (same?.text !== one.text || same.to !== one.to)
        this.troubles.push(`number ${one.n} of the list changed: ${one.text}`)
    }
  }
}

const ok = (status: number | undefined): boolean => status !== undefined && status >= 200 && status < 300

const refused = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'
