// A bot's line to a room in memory, and its admins' phones.
import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import {
  DecryptionSettings,
  DeviceId,
  DeviceLists,
  EncryptionSettings,
  OlmMachine as Machine,
  RoomId,
  TrustRequirement,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm'
import type { TimelineEvent } from '../../../src/channels/matrix/accept.ts'
import { createBudget } from '../../../src/channels/matrix/budget.ts'
import { ensureIdentity } from '../../../src/channels/matrix/identity/ensure-identity.ts'
import type { Line } from '../../../src/channels/matrix/line.ts'
import { createLine } from '../../../src/channels/matrix/line.ts'
import type { Admin } from '../../../src/channels/matrix/options.ts'
import { perform, sendOutgoing } from '../../../src/channels/matrix/outgoing-requests.ts'
import { openRoomBook } from '../../../src/channels/matrix/room-record.ts'
import type { RoomBook } from '../../../src/channels/matrix/room-record.ts'
import type { FetchMedia } from '../../../src/ports/media.ts'
import { MediaError } from '../../../src/ports/media.ts'
import type { Text } from '../../../src/core/texts.ts'
import { systemClock } from '../../../src/clock/system-clock.ts'
import { openMemoryStore } from '../../../src/stores/memory/index.ts'
import { FakeRoom, ROOM } from '../../support/fake-room.ts'
import { memoryInbox, silent } from '../../support/memory-ports.ts'
import { memoryValues } from '../../support/memory-values.ts'
import { Bot, BOT } from './identity/bot.ts'

export const ASHA = '@asha:example.org'
export const BEN = '@ben:example.org'
export { BOT, ROOM }

const trust = (): DecryptionSettings => new DecryptionSettings(TrustRequirement.Untrusted)

/** An admin's phone: another program than ours in all but the crypto library. */
export class Phone {
  readonly machine: OlmMachine
  readonly user: string
  readonly device: string
  readonly #room: FakeRoom
  #since = ''
  #sent = 0

  private constructor(room: FakeRoom, user: string, device: string, machine: OlmMachine) {
    this.#room = room
    this.user = user
    this.device = device
    this.machine = machine
  }

  /** `isSigned`: by its owner's identity, which is made anew. */
  static async of(room: FakeRoom, user: string, { device = 'PHONE', isSigned = true } = {}): Promise<Phone> {
    const machine = await Machine.initialize(new UserId(user), new DeviceId(device))
    const phone = new Phone(room, user, device, machine)
    await sendOutgoing(machine, phone.api)
    if (isSigned) await phone.newIdentity()
    return phone
  }

  get api() {
    return this.#room.api(this.user, this.device)
  }

  async newIdentity(): Promise<void> {
    const { uploadSigningKeysRequest, uploadSignaturesRequest } = await this.machine.bootstrapCrossSigning(true)
    this.#room.server.setPassword(this.user, 'secret')
    const auth = { type: 'm.login.password', password: 'secret', session: 's1' }
    const body = { ...(JSON.parse(uploadSigningKeysRequest.body) as object), auth }
    await this.api.request('POST', '/_matrix/client/v3/keys/device_signing/upload', { body })
    await perform(this.machine, this.api, uploadSignaturesRequest)
  }

  /** Encrypts for the bot. */
  async encrypt(type: string, content: object): Promise<Record<string, unknown>> {
    const bot = (): UserId[] => [new UserId(BOT)]
    await this.machine.updateTrackedUsers(bot())
    await sendOutgoing(this.machine, this.api)
    const claim = await this.machine.getMissingSessions(bot())
    if (claim) await perform(this.machine, this.api, claim)
    for (const request of await this.machine.shareRoomKey(new RoomId(ROOM), bot(), new EncryptionSettings()))
      await perform(this.machine, this.api, request)
    return JSON.parse(await this.machine.encryptRoomEvent(new RoomId(ROOM), type, JSON.stringify(content))) as Record<
      string,
      unknown
    >
  }

  /** As Element sends it. */
  async write(body: string, more: object = {}): Promise<TimelineEvent> {
    return this.send('m.room.message', { msgtype: 'm.text', body, ...more })
  }

  async send(type: string, content: object): Promise<TimelineEvent> {
    const encrypted = await this.encrypt(type, content)
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(ROOM)}/send/m.room.encrypted/${String(++this.#sent)}`
    const { event_id: id } = await this.api.request<{ event_id: string }>('PUT', path, { body: encrypted })
    return this.#room.timeline.find((event) => event.event_id === id)!
  }

  async sync(): Promise<void> {
    const answer = await this.api.request<{
      next_batch: string
      to_device: { events: unknown[] }
      device_lists: { changed: string[] }
      device_one_time_keys_count: Record<string, number>
    }>('GET', '/_matrix/client/v3/sync', { query: { since: this.#since || '0,0' } })
    const lists = new DeviceLists(answer.device_lists.changed.map((user) => new UserId(user)))
    const counts = new Map(Object.entries(answer.device_one_time_keys_count))
    await this.machine.receiveSyncChanges(JSON.stringify(answer.to_device.events), lists, counts)
    await sendOutgoing(this.machine, this.api)
    this.#since = answer.next_batch
  }

  /** The content of a message, as this phone reads it. */
  async opens(event: TimelineEvent): Promise<Record<string, unknown>> {
    const { event: json } = await this.machine.decryptRoomEvent(JSON.stringify(event), new RoomId(ROOM), trust())
    return (JSON.parse(json) as { content: Record<string, unknown> }).content
  }

  /** The bodies of the bot's messages, in order; of one that cannot be read: `UNREADABLE`. */
  async reads(): Promise<string[]> {
    await this.sync()
    const found: string[] = []
    for (const event of this.#room.timeline.filter((it) => it.sender === BOT && it.type === 'm.room.encrypted')) {
      const { body } = await this.opens(event).catch(() => ({ body: 'UNREADABLE' }))
      if (typeof body === 'string') found.push(body)
    }
    return found
  }

  /** Vouches for another phone of the same person. */
  async signs({ device }: Phone): Promise<void> {
    await this.machine.markAllTrackedUsersAsDirty()
    await this.machine.updateTrackedUsers([new UserId(this.user)])
    await sendOutgoing(this.machine, this.api)
    const found = await this.machine.getDevice(new UserId(this.user), new DeviceId(device))
    await perform(this.machine, this.api, await found!.verify())
  }
}

export interface Told {
  id: string
  keys: string[]
  loud: boolean
  once: string | undefined
}

/** The bot's side, with everything that it was given and told. */
export class Desk {
  readonly room: FakeRoom
  readonly bot: Bot
  readonly values = memoryValues()
  readonly inbox = memoryInbox()
  readonly told: Told[] = []
  readonly book: RoomBook
  readonly admins: Admin[]
  /** Another kernel may act. */
  othersMayAct = false
  /** How often another device of ours was heard. */
  othersHeard = 0
  /** What the providers have. */
  files: FetchMedia = () => Promise.reject(new MediaError('gone', 'http-404'))
  line: Line
  readonly #clock = systemClock()
  #ahead = 0

  private constructor(room: FakeRoom, bot: Bot, book: RoomBook, admins: Admin[]) {
    this.room = room
    this.bot = bot
    this.book = book
    this.admins = admins
    this.line = this.#connect()
  }

  static async open(members: readonly string[] = [ASHA, BEN], listed = members): Promise<Desk> {
    const room = new FakeRoom([BOT, ...members])
    const bot = await Bot.start(room.server)
    await ensureIdentity(bot, undefined)
    const book = await openRoomBook((await openMemoryStore()).documents)
    await book.change({ type: 'joined', roomId: ROOM })
    return new Desk(
      room,
      bot,
      book,
      listed.map((id) => ({ id, role: 'owner' })),
    )
  }

  #connect(): Line {
    const { machine } = this.bot
    const api = this.room.api(BOT, this.bot.api.deviceId)
    return createLine({
      ...silent,
      machine,
      api,
      values: this.values,
      together: (work) => work(),
      mayBeBehind: false,
      book: this.book,
      admins: this.admins,
      budget: createBudget(() => performance.now()),
      inbox: this.inbox,
      tell: (id, body, { loud = false, once } = {}) => {
        this.told.push({ id, keys: body.map((text: Text) => text.key), loud, once })
        return Promise.resolve()
      },
      fetchMedia: (media, most) => this.files(media, most),
      maySpeak: () => !this.othersMayAct,
      othersSpoke: () => this.othersHeard++,
      pump: async () => {
        await sendOutgoing(machine, api)
      },
      texts: { render: (texts) => texts.map(({ key }) => key).join('\n') },
      language: 'en',
      clock: { ...this.#clock, now: () => this.#clock.now() + this.#ahead },
    })
  }

  /** Its clock is so many milliseconds further. */
  later(by: number): void {
    this.#ahead += by
  }

  /** As a new process. */
  async restart(): Promise<void> {
    await this.bot.restart()
    this.line = this.#connect()
    await this.start()
  }

  /** As `matrixRoom` connects. */
  async start(): Promise<void> {
    await this.line.look()
    await this.round()
    await this.line.open()
  }

  round(): Promise<void> {
    return this.line.round(0, new AbortController().signal)
  }

  /** Orders that reached the inbox, as `user: text`. */
  get orders(): string[] {
    return this.inbox.items.map(
      ({ sender, heard }) => `${sender.slice('matrix:'.length)}: ${'text' in heard ? heard.text : heard.type}`,
    )
  }

  get toldKeys(): string[] {
    return this.told.flatMap(({ keys }) => keys)
  }
}
