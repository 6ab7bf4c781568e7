import type { Duration, Instant, Zone } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import { clock as clockText, text } from '../core/texts.ts'
import type { Watch } from '../core/member/event.ts'
import type { CommandWords } from '../core/commands/words.ts'
import type { Clock } from '../ports/clock.ts'
import type { Inbox, InboxItem, Heard } from '../ports/inbox.ts'
import type { Log, Metrics } from '../ports/log.ts'
import type { Addresses } from '../ports/store.ts'
import { StoreError } from '../ports/store.ts'
import type { Turns } from './backlog.ts'
import { createTurns, inOrder } from './backlog.ts'
import { codeOf } from './due-loop.ts'
import { createGate } from './gate.ts'
import type { House } from './house.ts'
import { GROUP } from './house.ts'
import type { OthersItems } from './others-items.ts'
import { createOthersItems } from './others-items.ts'
import { saidBy, understand } from './understand.ts'
import type { UntilSaved } from './unsaved.ts'

/** After this many failures a message goes to the room as it came: into people's hands, never into silence. */
const MOST_FAILURES = 3

/** Troubles of one record that do not end by themselves: whoever writes to it must be heard by people instead. */
const lastsForEver: ReadonlySet<string> = new Set(['damaged', 'undecryptable', 'newer-schema'])

/** How long to wait for a store that cannot write before the same message is tried again. */
const STORE_PAUSE: Duration = SECOND

/**
 * How many messages are applied side by side; cries for help and the room's orders go past. The store serves its callers in the order
 * in which they come, so a flood must wait here, where it is stored already, and not there in front of the alarms (measured: 9 s late
 * beside 200 texts a second on a busy machine). Four of some 3 ms each are a thousand a second.
 */
const SIDE_BY_SIDE = 4

export interface TakeIn extends Inbox, Pick<OthersItems, 'look' | 'catchUp'> {
  /** Applies what is stored and not done, oldest first, then everything as it comes. Resolves when the backlog is applied. */
  start: () => Promise<void>
  stop: () => void
  depth: () => number
  /** When the oldest item that is not applied yet was received. */
  oldest: () => number | undefined
}

/**
 * The way in: stored, answered, then applied in order per sender, then done. Applying twice is harmless, because every document
 * remembers the ids it has seen.
 */
export function createTakeIn(options: {
  inbox: Inbox
  addresses: Addresses
  house: House
  wordsOf: (language: string) => CommandWords
  groupLanguage: string
  zone: Zone
  watch: () => Watch
  /** Whether the kernel goes through its start, or watches: what comes in is its own to apply. */
  isStarting: () => boolean
  /** Other kernels put into the same inbox: what they took from a sender before goes first. */
  hasOthers: boolean
  untilSaved: UntilSaved
  obey: (item: InboxItem, order: Extract<Heard, { type: 'order' }>) => Promise<void>
  clock: Clock
  log: Log
  metrics: Metrics
}): TakeIn {
  const { inbox, addresses, house, wordsOf, groupLanguage, zone, watch, obey, clock, log, metrics } = options
  const senders = new Map<string, InboxItem[]>()
  const waiting = new Map<string, InboxItem>()
  /** Arrived before the start: applied with the backlog. */
  const held = new Map<string, InboxItem>()
  /** When the provider says it was sent, for all that it listed before the start, known or not, in its order. */
  const listed = new Map<string, Instant>()
  const gate = createGate(SIDE_BY_SIDE)
  let turns: Turns | undefined
  let open = false

  const apply = async (item: InboxItem): Promise<void> => {
    const { heard } = item
    const at = clock.now()
    const inboundId = item.id
    switch (heard.type) {
      case 'message':
        return applyMessage(item, heard)
      case 'order':
        return obey(item, heard)
      case 'link':
        return applyLink(item, heard)
      case 'receipt': {
        const document = heard.effectId?.split(':')[0]
        if (document === undefined) return
        const { type: _type, ...told } = heard
        await (document === GROUP
          ? house.group.apply(GROUP, { type: 'receipt', at, ...told })
          : house.members.apply(document, { type: 'receipt', at, ...told }))
        return
      }
      case 'line-cut': {
        const member = await addresses.find(heard.from)
        if (member !== undefined)
          await house.members.apply(member, { type: 'line-cut', at, inboundId, via: heard.from, why: heard.why })
        return
      }
      case 'moved': {
        const member = await addresses.find(heard.from)
        if (member === undefined || !(await addresses.assign(heard.to, member))) return
        await house.members.apply(member, { type: 'moved', at, inboundId, from: heard.from, to: heard.to })
        await addresses.release(heard.from)
        return
      }
      default:
        return heard satisfies never
    }
  }

  const applyMessage = async (item: InboxItem, heard: Extract<Heard, { type: 'message' }>): Promise<void> => {
    const id = await addresses.find(heard.from)
    const member = id === undefined ? undefined : await house.members.read(id)
    if (!member) return applyStranger(item, heard)
    const said = saidBy(heard, wordsOf(member.language), zone, item.receivedAt)
    const standing = watch()
    // A cry for help waits for nothing: it only adds to an alarm.
    if (!said.danger && said.command.type !== 'sos') await options.untilSaved(item, member.id)
    await house.members.apply(member.id, {
      type: 'said',
      at: clock.now(),
      inboundId: item.id,
      ...said,
      watch: standing,
    })
    if (said.command.type === 'in' && standing.trouble === 'nobody-on-duty') {
      await house.group.apply(GROUP, {
        type: 'announced',
        at: clock.now(),
        id: `${item.id}:duty`,
        once: 'nobody-on-duty',
        loud: false,
        body: [text('room.nobody-on-duty')],
      })
    }
  }

  /** Changes nothing, gets no reply; the admins see it as what it is (S9). */
  const applyStranger = async (item: InboxItem, heard: Extract<Heard, { type: 'message' }>): Promise<void> => {
    const { command, danger } = understand(heard, wordsOf(groupLanguage))
    const from = heard.from.channel === 'telegram' ? `Telegram ${heard.displayName ?? ''}`.trim() : heard.from.address
    const words = heard.text.trim() || heard.attachment?.kind || ''
    await house.group.apply(GROUP, {
      type: 'stranger-said',
      at: clock.now(),
      inboundId: item.id,
      from,
      words: words.slice(0, 500),
      danger: danger || command.type === 'sos',
    })
  }

  const applyLink = async (item: InboxItem, heard: Extract<Heard, { type: 'link' }>): Promise<void> => {
    const at = clock.now()
    const group = await house.group.read(GROUP)
    const link = group?.links.find((l) => l.token === heard.token && l.expiresAt > at)
    const member = link?.memberId ?? (await addresses.find(heard.from))
    if (member === undefined) {
      return applyStranger(item, {
        type: 'message',
        from: heard.from,
        text: '/start',
        ...(heard.displayName !== undefined && { displayName: heard.displayName }),
      })
    }
    // A phone belongs to one member: a link opened on somebody else's phone changes nothing.
    if (link && !(await addresses.assign(heard.from, member)) && (await addresses.find(heard.from)) !== member) return
    await house.members.apply(member, { type: 'linked', at, inboundId: item.id, via: heard.from })
    if (link) await house.group.apply(GROUP, { type: 'link-used', at, token: link.token })
  }

  const isUrgent = ({ heard }: InboxItem): boolean => {
    if (heard.type !== 'message') return heard.type === 'order'
    const { command, danger } = understand(heard, wordsOf(groupLanguage))
    return danger || command.type === 'sos'
  }

  /** Applied, or handed to people as it came: either way it does not come back. A store that cannot write only delays it. */
  const applyForSure = async (item: InboxItem): Promise<void> => {
    for (let failures = item.failures ?? 0; open;) {
      try {
        if (failures >= MOST_FAILURES) await giveUp(item)
        else await (isUrgent(item) ? apply(item) : gate(() => apply(item)))
        await inbox.done(item.id)
        others.done(item.id)
        waiting.delete(item.id)
        return
      } catch (error) {
        log.error('an inbound message could not be applied', { item: item.id, code: codeOf(error), failures })
        const passes = error instanceof StoreError && !lastsForEver.has(error.code)
        // Never fewer than we have seen: an inbox that has lost count must not make this a circle.
        if (!passes) failures = Math.max(failures + 1, await inbox.failed(item.id).catch(() => 0))
        if (passes || failures > MOST_FAILURES) await clock.pause(STORE_PAUSE)
      }
    }
  }

  const giveUp = async (item: InboxItem): Promise<void> => {
    const { heard } = item
    const words = 'text' in heard ? heard.text.slice(0, 500) : heard.type
    const from = 'by' in heard ? heard.by.name : 'from' in heard ? heard.from.address : heard.type
    metrics.count('imok_poisoned_total')
    await house.group.apply(GROUP, {
      type: 'announced',
      at: clock.now(),
      id: `${item.id}:poison`,
      loud: true,
      body: [text('room.poison', { from, at: clockText(item.receivedAt), words })],
    })
  }

  const work = async (queue: InboxItem[], sender: string): Promise<void> => {
    for (let item = queue[0]; item && open; item = queue[0]) {
      await turns?.mine(item.id)
      await applyForSure(item)
      turns?.over(item.id)
      queue.shift()
    }
    if (queue.length === 0) senders.delete(sender)
  }

  const enqueue = (item: InboxItem): Promise<void> => {
    waiting.set(item.id, item)
    const queue = senders.get(item.sender)
    if (queue) {
      queue.push(item)
      return Promise.resolve()
    }
    const fresh = [item]
    senders.set(item.sender, fresh)
    return work(fresh, item.sender)
  }

  const others = createOthersItems({
    inbox,
    isKnown: (id) => waiting.has(id),
    takeUp: (item) => (open ? enqueue(item) : Promise.resolve()),
  })

  return {
    put: async (item) => {
      const { heard } = item
      if (!open && options.isStarting() && 'sentAt' in heard) listed.set(item.id, heard.sentAt)
      const answer = await inbox.put(item)
      if (answer === 'stored' && !waiting.has(item.id)) {
        // In order of their coming, whoever took them in. A look that fails is made again in a second.
        if (open && options.hasOthers) others.lookAfresh().catch(() => undefined)
        else if (open) void enqueue(item)
        // Who stands by only stores: whoever is in office finds it there.
        else if (options.isStarting()) held.set(item.id, item)
      }
      return answer
    },
    look: others.look,
    catchUp: others.catchUp,
    pending: () => inbox.pending(),
    done: (id) => inbox.done(id),
    failed: (id) => inbox.failed(id),
    start: async () => {
      const stored = await inbox.pending()
      // No await from here to the last enqueue: what comes later stands behind the backlog of its sender.
      open = true
      const backlog = new Map([...stored, ...held.values()].map((item) => [item.id, item]))
      const items = inOrder([...backlog.values()], listed, (id) => held.has(id))
      turns = createTurns(items, listed, clock)
      held.clear()
      listed.clear()
      await Promise.all(items.map(enqueue))
      turns = undefined
    },
    stop: () => {
      open = false
    },
    depth: () => waiting.size,
    oldest: () => {
      const times = [...waiting.values()].map((item) => item.receivedAt)
      return times.length > 0 ? times.reduce((a, b) => Math.min(a, b)) : undefined
    },
  }
}
