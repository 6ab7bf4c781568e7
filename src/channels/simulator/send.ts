import { SendError } from '../../ports/channel.ts'
import type { Channel, Outgoing, Room } from '../../ports/channel.ts'
import type { Clock } from '../../ports/clock.ts'
import type { SentLog, SimulatedMessage } from '../../ports/store.ts'
import { isUnanswered, StoreError } from '../../ports/store.ts'

/** Real milliseconds that one append may take. Appending again under the same id is harmless, so giving up is too. */
const APPEND_WITHIN = 10_000

export interface SendOptions {
  sent: SentLog<SimulatedMessage>
  clock: Pick<Clock, 'now'>
}

/** The phones drawn on the page: what is sent to them is appended to the list, once for each effect id. */
export function simulatorPhones(options: SendOptions): Channel {
  return {
    name: 'simulator',
    doubt: 'same-id',
    async send(message) {
      if (message.to.channel !== 'simulator') throw new SendError('impossible', 'not-a-simulated-phone')
      return { providerId: await append(options, message.to.address, message) }
    },
  }
}

/**
 * The room drawn on the page, on the same list as the phones. Its one reader is the simulated admin. `isShared`: other kernels say things there as well.
 * What one that was cut off could not save may have the id of something else that the next one says, and both are heard, as in a room of many devices.
 */
export function simulatorRoom(options: SendOptions & { isShared?: boolean }): Room & { board(): string } {
  const { sent, isShared = false } = options
  let board = ''
  const textOf = async (n: string): Promise<string | undefined> => (await classified(sent.list(Number(n) - 1)))[0]?.text
  return {
    async send(message) {
      for (let { id } = message; ; id += '.other') {
        const n = await append(options, 'room', { ...message, id })
        if (!isShared || numberIn(await textOf(n)) === numberIn(message.text)) return { providerId: n, readers: 1 }
      }
    },
    showBoard(text) {
      board = text
      return Promise.resolve()
    },
    readers: () => 1,
    /** What the board shows now. It is kept in memory only and is no entry of the list: the kernel shows it again at start. */
    board: () => board,
  }
}

/** Of the alarm that it tells of. A message may say less when it is tried again, and is the same one. */
const numberIn = (text = ''): string | undefined => /^#\d+/.exec(text)?.[0]

async function append({ sent, clock }: SendOptions, to: string, message: Omit<Outgoing, 'to'>): Promise<string> {
  const entry: SimulatedMessage = { to, text: message.text, at: new Date(clock.now()).toISOString() }
  if (message.choices.length > 0) {
    entry.buttons = message.choices.map(({ label }) => label)
    entry.says = message.choices.map(({ says }) => says)
  }
  return String(await classified(sent.append(message.id, entry)))
}

async function classified<T>(work: Promise<T>): Promise<T> {
  try {
    return await inTime(work)
  } catch (error) {
    if (isUnanswered(error)) throw new SendError('unknown', `store-${error.code}`)
    if (error instanceof StoreError) throw new SendError('refused', `store-${error.code}`)
    throw error
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new SendError('unknown', 'timeout')), APPEND_WITHIN)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
