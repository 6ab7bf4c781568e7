// What every Matrix client of the tests can do; js-client.ts can do more.
import { startStranger, type Said, type Stranger } from './stranger.ts'
import type { SeenEvent } from './seen-event.ts'

const LONGEST = 20_000 // ms that waitFor waits unless told otherwise
const SHOWN = 15 // events named when it waited in vain

export interface Member {
  readonly userId: string
  readonly membership: string
  readonly displayName: string
  /** The creator of a room of version 12 has endless power: 2^53 - 1 here. nio does not know that and says 0. */
  readonly powerLevel: number
}

export interface Invitation {
  readonly roomId: string
  readonly sender: string
}

export interface Attachment {
  readonly name: string
  /** MIME type. */
  readonly type: string
  readonly msgtype: 'm.file' | 'm.image' | 'm.audio' | 'm.video'
}

export type Content = Readonly<Record<string, unknown>>

export interface MatrixClient {
  readonly userId: string
  readonly deviceId: string
  readonly accessToken: string
  /** Everything seen so far in rooms, in order of first sight, each as it looks now. */
  events(roomId?: string): readonly SeenEvent[]
  /** The first event, seen already or to come, that fulfils the predicate, which is asked again when an event changes. Rejects after `longest` ms, naming what was seen. */
  waitFor(predicate: (event: SeenEvent) => boolean, longest?: number): Promise<SeenEvent>
  /** The first invitation, received already or to come. */
  waitForInvitation(longest?: number): Promise<Invitation>
  /** Joins, and waits until the client knows the room. */
  join(roomId: string): Promise<void>
  /** Waits until the client is in the room: for those that accept invitations by themselves (the default). */
  joined(roomId: string): Promise<void>
  leave(roomId: string): Promise<void>
  members(roomId: string): Promise<readonly Member[]>
  /** The content of a state event; undefined if there is none. */
  state(roomId: string, type: string, stateKey?: string): Promise<Content | undefined>
  /** Sends encrypted and answers the event id; throws if the client does not hold the room for encrypted. A relation goes into `content` as m.relates_to. */
  send(roomId: string, content: Content, type?: string): Promise<string>
  /** send() of a plain m.text. */
  say(roomId: string, body: string): Promise<string>
  /** Sends in clear, whatever the room is. */
  sendPlain(roomId: string, content: Content, type?: string): Promise<string>
  react(roomId: string, eventId: string, key: string): Promise<string>
  redact(roomId: string, eventId: string, reason?: string): Promise<string>
  edit(roomId: string, eventId: string, body: string): Promise<string>
  /** Votes in a poll (org.matrix.msc3381.poll.response), encrypted. */
  vote(roomId: string, pollId: string, answers: readonly string[]): Promise<string>
  sendFile(roomId: string, bytes: Uint8Array, attachment: Attachment): Promise<string>
  /** Downloads the attachment of an event and decrypts it; throws if it is not what its hash says. */
  download(event: SeenEvent): Promise<Buffer>
  /** The end of the program's own log. */
  log(): string
  /** Ends the program. Its device stays on the server. */
  stop(): Promise<void>
}

/** Starts a client program, logs in, and waits until it has synced once. */
export async function startClient(
  file: string,
  args: readonly string[],
  settings: Readonly<Record<string, unknown>>,
): Promise<{ client: MatrixClient; stranger: Stranger }> {
  const events = new Map<string, SeenEvent>()
  const invitations: Invitation[] = []
  const watchers = new Set<() => void>()
  const hear = (said: Said): void => {
    const { seen, invited } = said as { seen?: SeenEvent; invited?: Invitation }
    if (seen !== undefined) events.set(seen.eventId, seen)
    if (invited !== undefined) invitations.push(invited)
    for (const look of [...watchers]) look()
  }
  const stranger = startStranger(file, args, hear)

  const appears = <Found>(find: () => Found | undefined, longest: number, missed: () => string): Promise<Found> =>
    new Promise((resolve, reject) => {
      const end = (): void => {
        watchers.delete(look)
        clearTimeout(timer)
      }
      const look = (): void => {
        const found = find()
        if (found === undefined) return
        end()
        resolve(found)
      }
      const timer = setTimeout(() => {
        end()
        reject(new Error(`${missed()}\n${stranger.log()}`))
      }, longest)
      watchers.add(look)
      look()
    })

  try {
    const who = (await stranger.ask('start', settings)) as { userId: string; deviceId: string; accessToken: string }
    const send: MatrixClient['send'] = (roomId, content, type = 'm.room.message') =>
      stranger.ask('send', { roomId, type, content }) as Promise<string>
    const done = async (command: string, roomId: string): Promise<void> => {
      await stranger.ask(command, { roomId })
    }
    const named = (command: string, args: Readonly<Record<string, unknown>>): Promise<string> =>
      stranger.ask(command, args) as Promise<string>
    const client: MatrixClient = {
      ...who,
      events: (roomId) => [...events.values()].filter((event) => roomId === undefined || event.roomId === roomId),
      waitFor: (predicate, longest = LONGEST) =>
        appears(
          () => [...events.values()].find(predicate),
          longest,
          () =>
            `${who.userId} did not see it in ${longest} ms, but:\n${[...events.values()].slice(-SHOWN).map(brief).join('\n')}`,
        ),
      waitForInvitation: (longest = LONGEST) =>
        appears(
          () => invitations[0],
          longest,
          () => `${who.userId} was not invited in ${longest} ms`,
        ),
      join: (roomId) => done('join', roomId),
      joined: (roomId) => done('joined', roomId),
      leave: (roomId) => done('leave', roomId),
      members: (roomId) => stranger.ask('members', { roomId }) as Promise<Member[]>,
      state: async (roomId, type, stateKey = '') =>
        ((await stranger.ask('state', { roomId, type, stateKey })) as Content | null) ?? undefined,
      send,
      say: (roomId, body) => send(roomId, { msgtype: 'm.text', body }),
      sendPlain: (roomId, content, type = 'm.room.message') => named('sendPlain', { roomId, type, content }),
      react: (roomId, eventId, key) => named('react', { roomId, eventId, key }),
      redact: (roomId, eventId, reason) => named('redact', { roomId, eventId, reason }),
      edit: (roomId, eventId, body) => named('edit', { roomId, eventId, body }),
      vote: (roomId, pollId, answers) => named('vote', { roomId, pollId, answers }),
      sendFile: (roomId, bytes, attachment) =>
        named('sendFile', { roomId, bytes: Buffer.from(bytes).toString('base64'), ...attachment }),
      download: async ({ file: attached, eventId }) => {
        if (attached === undefined) throw new Error(`${eventId} has no encrypted attachment`)
        return Buffer.from(await named('download', { file: attached }), 'base64')
      },
      log: () => stranger.log(),
      stop: () => stranger.stop(),
    }
    return { client, stranger }
  } catch (error) {
    await stranger.stop()
    throw new Error(`${String(error)}\n${stranger.log()}`, { cause: error })
  }
}

const brief = ({ type, sender, body, stateKey, decryptionFailure, redacted }: SeenEvent): string =>
  `${type} of ${sender}: ${body ?? stateKey ?? ''} ${decryptionFailure ?? ''}${redacted ? ' (redacted)' : ''}`
