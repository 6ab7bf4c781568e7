// The encrypted room of a round, as its admins' apps see it.
import type { JsClient, SeenEvent } from '../../e2e/matrix/js-client.ts'
import { startJsClient } from '../../e2e/matrix/js-client.ts'
import type { Account, Synapse } from '../../e2e/matrix/synapse.ts'
import { startSynapse } from '../../e2e/matrix/synapse.ts'
import { now, pause } from '../lives.ts'
import type { Finding } from '../model/heard.ts'
import { Proxy } from './proxy.ts'

/** Real milliseconds: between two looks, and until what an admin wrote must have been read by a kernel. */
const LOOK = 40
const LONGEST_READ = 60_000
/** Until a message can be read on a phone, after everything was said. */
const LONGEST_KEY = 15_000
/** Who gives orders is called as the simulated admin is. */
const ADMIN = 'Admin'

/** One homeserver and two admins with their apps, for all rounds. */
export interface HomeServer {
  synapse: Synapse
  admin: JsClient
  other: JsClient
  newBot: () => Promise<Account>
  stop: () => Promise<void>
}

export async function openHomeServer(): Promise<HomeServer> {
  const synapse = await startSynapse({ limits: 'raised' })
  const [admin, other] = [await appOf(synapse, 'asha'), await appOf(synapse, 'ben')]
  const profile = `/_matrix/client/v3/profile/${encodeURIComponent(admin.userId)}/displayname`
  await synapse.request('PUT', profile, admin.token, { displayname: ADMIN })
  let bots = 0
  return {
    synapse,
    admin,
    other,
    newBot: () => synapse.register(`imok${String(++bots)}`),
    stop: async () => {
      await Promise.all([admin.stop(), other.stop()])
      await synapse.remove()
    },
  }
}

const appOf = async (synapse: Synapse, name: string): Promise<JsClient> =>
  startJsClient(synapse, await synapse.register(name))

const isWelcome = ({ body = '' }: SeenEvent, { userId }: JsClient): boolean =>
  body.startsWith('Admin here: ') && body.includes(`(${userId})`)

export class EncryptedRoom {
  readonly proxy: Proxy
  readonly settings: Record<string, string>
  readonly #home: HomeServer
  readonly #bot: Account
  #looked = 0

  private constructor(home: HomeServer, bot: Account, proxy: Proxy) {
    this.#home = home
    this.#bot = bot
    this.proxy = proxy
    this.settings = {
      IMOK_MATRIX_HOMESERVER: proxy.url,
      IMOK_MATRIX_USER: bot.userId,
      IMOK_MATRIX_PASSWORD: bot.password,
      IMOK_MATRIX_ADMINS: `${home.admin.userId}=owner,${home.other.userId}=owner`,
    }
  }

  static async open(home: HomeServer): Promise<EncryptedRoom> {
    return new EncryptedRoom(home, await home.newBot(), await new Proxy(home.synapse.url).start())
  }

  /** The bot's room, once an admin has heard anything in it. */
  get #id(): string | undefined {
    return this.#home.admin.seen.find((event) => event.sender === this.#bot.userId && event.encrypted)?.room
  }

  /** Resolves when both admins are in it and known: what happens while it is made is another test's. */
  async opened(): Promise<void> {
    const { admin, other } = this.#home
    const isKnown = (app: JsClient): boolean => this.#ours(admin).some((event) => isWelcome(event, app))
    for (const until = now() + LONGEST_READ; !(isKnown(admin) && isKnown(other)) && now() < until;) await pause(LOOK)
  }

  /** What was said since the last look, in order. */
  fresh(): { text: string; at: number }[] {
    const { seen } = this.#home.admin
    const found = seen.slice(this.#looked)
    this.#looked = seen.length
    return found.filter((event) => this.#isWord(event)).map(({ body = '', at }) => ({ text: body, at }))
  }

  /** A message as it first could be read; the board is edited in place and is none. */
  #isWord({ sender, type, content, failed }: SeenEvent): boolean {
    return (
      sender === this.#bot.userId &&
      type === 'm.room.message' &&
      content['msgtype'] === 'm.text' &&
      failed === undefined
    )
  }

  /** Writes, or votes where there is a poll for it; resolves when a kernel has stored it. */
  async order(text: string, isVote: boolean): Promise<{ end: number; isStored: boolean }> {
    const until = now() + LONGEST_READ
    while (this.#id === undefined && now() < until) await pause(LOOK)
    const poll = isVote ? this.#pollFor(text) : undefined
    const event = await (poll ? this.#vote(poll) : this.#home.admin.writes(this.#id ?? '', text))
    while (!this.proxy.isTaken(event) && now() < until) await pause(LOOK)
    return { end: now(), isStored: this.proxy.isTaken(event) }
  }

  #pollFor(text: string): { poll: string; answer: string } | undefined {
    const polls = this.#ours(this.#home.admin).filter(({ type }) => type === 'org.matrix.msc3381.poll.start')
    for (const { id: poll, content } of polls.toReversed()) {
      const says = (content['org.imok.says'] ?? {}) as Record<string, string>
      const answer = Object.keys(says).find((one) => says[one] === text)
      if (answer !== undefined) return { poll, answer }
    }
    return undefined
  }

  async #vote({ poll, answer }: { poll: string; answer: string }): Promise<string> {
    const content = {
      'm.relates_to': { rel_type: 'm.reference', event_id: poll },
      'org.matrix.msc3381.poll.response': { answers: [answer] },
    }
    const type = 'org.matrix.msc3381.poll.response'
    const { id } = await this.#home.admin.call<{ id: string }>('send', { room: this.#id, type, content })
    return id
  }

  /** The bot's encrypted events, each as it was seen last. */
  #ours({ seen }: JsClient): SeenEvent[] {
    const ours = seen.filter((event) => event.sender === this.#bot.userId && event.encrypted)
    return [...new Map(ours.map((event) => [event.id, event])).values()]
  }

  /** What this admin must be able to read: all from the moment at which the bot said that it knows their keys. */
  #sinceKnown(app: JsClient): SeenEvent[] {
    const known = this.#ours(this.#home.admin).find((event) => isWelcome(event, app))
    return this.#ours(app).filter(({ at }) => at >= (known?.at ?? 0))
  }

  /** What both apps must agree on when everything has been said: all is readable, nothing is there twice, no key was used twice. */
  async judge(): Promise<{ kind: Finding['kind']; what: string }[]> {
    const findings: { kind: Finding['kind']; what: string }[] = []
    const { admin, other } = this.#home
    for (const app of [admin, other]) {
      const unreadable = (): SeenEvent[] => this.#sinceKnown(app).filter((event) => event.failed !== undefined)
      for (const until = now() + LONGEST_KEY; unreadable().length > 0 && now() < until;) await pause(LOOK)
      for (const { id, failed } of unreadable())
        findings.push({ kind: 'lost', what: `${app.userId} cannot read ${id}: ${failed ?? ''}` })
    }
    const effects = new Map<string, string>()
    const indexes = new Map<string, string>()
    for (const { id, content, wire } of this.#ours(admin)) {
      const effect = content['org.imok.effect']
      const before = typeof effect === 'string' ? effects.get(effect) : undefined
      if (before !== undefined)
        findings.push({ kind: 'doubled', what: `the effect of ${before} is there again as ${id}` })
      if (typeof effect === 'string') effects.set(effect, id)
      const { session_id: session, ciphertext } = wire as { session_id?: string; ciphertext?: string }
      if (ciphertext === undefined) continue
      // 03 08 <varint>: the message index, in clear.
      const index = `${session ?? ''} ${Buffer.from(ciphertext.slice(0, 8), 'base64').subarray(2, 4).toString('hex')}`
      if (indexes.has(index))
        findings.push({ kind: 'strange', what: `one message index was used for two messages: ${id}` })
      indexes.set(index, id)
    }
    for (const what of this.proxy.breaches) findings.push({ kind: 'strange', what })
    return findings
  }

  stop(): void {
    this.proxy.stop()
  }
}
