// The real composition, in this process, on a folder of its own, with fake providers at the other end of real HTTP.
import { EventEmitter, once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { compose } from '../../src/compose.ts'
import type { Decorate, Running } from '../../src/compose.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Room } from '../../src/ports/channel.ts'
import type { Log } from '../../src/ports/log.ts'
import { Disk } from './disk.ts'
import { FakeTelegram } from './fake-telegram.ts'
import { FakeTwilio } from './fake-twilio.ts'
import { freePort } from './free-port.ts'
import { silent } from './memory-ports.ts'
import { databaseOf } from './story-database.ts'

type Said = Parameters<Room['send']>[0]

/** What a story through HTTP needs: `World.tell(async (world) => …)`. */
export class World {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'imok-story-'))
  twilio!: FakeTwilio
  telegram!: FakeTelegram
  running: Running | undefined
  /** What the room accepted, in order. */
  readonly room: string[] = []
  /** What becomes of an attempt to say something in the room. */
  verdict: (text: string) => void | Promise<void> = () => undefined
  /** Every attempt to say something in the room, whatever became of it. */
  readonly attempts: string[] = []
  readonly disk = new Disk()
  readonly logged: string[] = []
  private port = 0
  private readonly events = new EventEmitter()

  /** The fake providers first, then the kernel. */
  private async begins(): Promise<void> {
    this.events.setMaxListeners(0)
    this.twilio = await FakeTwilio.start()
    this.telegram = await FakeTelegram.start()
    this.port = await freePort()
    await this.starts()
  }

  /** A story in a world of its own, which leaves nothing behind and nothing private in its log. */
  static async tell(story: (world: World) => Promise<void>): Promise<void> {
    const world = new World()
    try {
      await world.begins()
      await story(world)
    } finally {
      await world.ends()
    }
    expect(world.telegram.problems, 'every request of ours fits the Bot API').to.deep.equal([])
    expect(world.logged.join('\n')).not.to.match(/447700|7700900|Fifi|Gus|Noted|mill\b|token-of-the-fake|fake-TOKEN/)
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.running?.port)}`
  }

  async starts(more: Record<string, string> = {}, approve?: (out: number) => void): Promise<void> {
    const { config } = loadConfig({ env: { ...this.settings(), ...more } })
    const decorate: Decorate = {
      store: this.disk.under,
      room: (room) => ({ ...room, send: (message) => this.say(room, message) }),
    }
    this.running = await compose(config, this.log(), { decorate, ...(approve && { approve }) })
    this.twilio.webhook = `${this.url}/sms/twilio`
  }

  /** With a public address, so that the fake Twilio reports how our texts went. */
  private settings(): Record<string, string> {
    return {
      IMOK_DATA_DIR: this.folder,
      ...databaseOf(this.folder),
      IMOK_HTTP_PORT: String(this.port),
      IMOK_PUBLIC_URL: `http://127.0.0.1:${String(this.port)}`,
      IMOK_SIMULATOR: 'on',
      IMOK_TIMEZONE: 'Europe/London',
      IMOK_DUTY: '@ben:example.org=+447700900200,@cleo:example.org=+447700900201',
      IMOK_TWILIO_ACCOUNT_SID: this.twilio.accountSid,
      IMOK_TWILIO_AUTH_TOKEN: this.twilio.authToken,
      IMOK_TWILIO_FROM: this.twilio.number,
      IMOK_TWILIO_API_URL: this.twilio.url,
      IMOK_TELEGRAM_TOKEN: this.telegram.token,
      IMOK_TELEGRAM_API_URL: this.telegram.url,
    }
  }

  private log(): Log {
    const note = (message: string, fields?: object): void => void this.logged.push(JSON.stringify([message, fields]))
    return { ...silent.log, info: note, warn: note, error: note }
  }

  private async say(room: Room, message: Said): ReturnType<Room['send']> {
    this.attempts.push(message.text)
    this.events.emit('said')
    await this.verdict(message.text)
    const accepted = await room.send(message)
    this.room.push(message.text)
    this.events.emit('said')
    return accepted
  }

  /** An admin writes in the room. */
  async admin(text: string): Promise<void> {
    const response = await fetch(`${this.url}/simulator/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ from: '@admin:simulator', text }),
    })
    if (response.status !== 200) throw new Error(`the simulator answered ${String(response.status)}`)
  }

  /** The first message of the room that fits, now or when it comes. */
  async roomHears(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.room.find((text) => pattern.test(text))
      if (found !== undefined) return found
      await once(this.events, 'said')
    }
  }

  /** Something is tried in the room, whatever comes of it. */
  async attempted(pattern: RegExp): Promise<void> {
    while (!this.attempts.some((text) => pattern.test(text))) await once(this.events, 'said')
  }

  times(pattern: RegExp): number {
    return this.room.filter((text) => pattern.test(text)).length
  }

  /** Registers somebody by SMS as an admin does it, and lets them say YES. */
  async invites(name: string, number: string): Promise<void> {
    await this.admin(`invite ${number} ${name}`)
    await this.twilio.sent(number, /Text YES to join/)
    await this.twilio.text(number, 'YES')
    await this.twilio.sent(number, /You are registered/)
  }

  /** A message of ours in a Telegram chat that fits, now or when it comes. */
  async chatHears(chat: number, pattern: RegExp): Promise<string> {
    for (let count = 1; ; count++) {
      const all = await this.telegram.sent(chat, count)
      const found = all.find((m) => pattern.test(m.text))
      if (found) return found.text
      count = Math.max(count, all.length)
    }
  }

  async stops(): Promise<void> {
    await this.running?.stop()
    this.running = undefined
  }

  private async ends(): Promise<void> {
    this.telegram.heal()
    this.twilio.heal()
    await this.stops()
    await this.twilio.stop()
    await this.telegram.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
