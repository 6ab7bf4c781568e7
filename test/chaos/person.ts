import type { Dice } from './dice.ts'
import type { Act, MemberVerb, Person } from './history.ts'
import { now, pause } from './lives.ts'
import type { Seen, World } from './world.ts'

/** Real milliseconds. Whoever waits for an answer waits longer than any restart takes, and then goes on without. */
const PATIENCE = 8_000

/** A member as a script sees them: their phone, the room as far as it is about them, and how time passes for them. */
export class Actor {
  readonly person: Person
  readonly dice: Dice
  readonly world: World
  readonly #speed: number
  readonly #isOver: () => boolean
  /** What was said before the last thing they did is no answer to it. */
  #since = 0
  /** When it was last asked where the list stands. */
  #placeAt = 0

  constructor(options: { person: Person; dice: Dice; world: World; speed: number; isOver: () => boolean }) {
    this.person = options.person
    this.dice = options.dice
    this.world = options.world
    this.#speed = options.speed
    this.#isOver = options.isOver
  }

  /** Nobody begins anything new any more. */
  get isOver(): boolean {
    return this.#isOver()
  }

  /** A word that stands nowhere else. */
  token(): string {
    const letters = 'bcdfghjkmpqrtvwxz'
    return Array.from({ length: 8 }, () => letters[this.dice.whole(0, letters.length - 1)]).join('')
  }

  /** Real milliseconds as a length in the kernel's time, as people write it: whole seconds, or minutes. */
  length(real: number): { words: string; ms: number; isRounded?: boolean } {
    const seconds = Math.max(1, Math.round((real * this.#speed) / 1_000))
    const minutes = Math.round(seconds / 60)
    if (minutes >= 1 && this.dice.chance(0.5)) return { words: `${minutes}m`, ms: minutes * 60_000, isRounded: true }
    return { words: `${seconds}s`, ms: seconds * 1_000 }
  }

  async texts(verb: MemberVerb, text: string, more: Partial<Act> = {}): Promise<Act> {
    this.#since = this.world.seen.length
    return this.world.text(this.person, verb, text, more)
  }

  async textsIn(real: number): Promise<Act> {
    const { words, ...length } = this.length(real)
    return this.texts('in', `IN ${words}`, length)
  }

  async textsSos(): Promise<Act> {
    const token = this.token()
    return this.texts('sos', `SOS ${token}`, { token })
  }

  async textsWords(): Promise<Act> {
    const token = this.token()
    return this.texts('words', `${token} ${this.dice.pick(['by the bridge', 'all quiet', 'two of us'])}`, { token })
  }

  async order(verb: Act['verb'], text: string, more: Partial<Act> = {}): Promise<Act> {
    this.#since = this.world.seen.length
    return this.world.order(this.person.name, verb, text, more)
  }

  /** Waits for something on their phone after the last thing that was done. */
  answer(fits = /(?:)/): Promise<Seen | undefined> {
    return this.world.hears(this.person.number, fits, this.#since, PATIENCE)
  }

  room(fits: RegExp, within = PATIENCE): Promise<Seen | undefined> {
    return this.world.hears('room', fits, this.#since, within)
  }

  /** The number of their alarm, once the room hears it. `since`: where to begin to look. */
  async alarm(kind: 'OVERDUE' | 'SOS', since: number, within: number): Promise<number | undefined> {
    const { name } = this.person
    const listed = kind === 'OVERDUE' ? `|^#\\d+ ROLL-CALL[^]*^#(\\d+) ${name}, due` : ''
    const named = new RegExp(`^#(\\d+) ${kind}[^\n]*: ${name}\\b${listed}`, 'm')
    // One that is shown late, because nobody could be asked for the list, may be over.
    const from = this.#speed === 1 ? this.#placeAt : -Infinity
    const heard = await this.world.hears('room', named, since, within, from)
    const [, single, called] = named.exec(heard?.text ?? '') ?? []
    const number = single ?? called
    return number === undefined ? undefined : Number(number)
  }

  get place(): number {
    this.#placeAt = now()
    return this.world.seen.length
  }

  pause(from: number, to: number): Promise<void> {
    return pause(this.dice.between(from, to))
  }

  until(real: number): Promise<void> {
    return pause(Math.max(0, real - now()))
  }
}
