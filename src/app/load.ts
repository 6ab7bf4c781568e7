import type { Member } from '../core/member/member.ts'
import type { Instant } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Documents, Store } from '../ports/store.ts'
import type { House } from './house.ts'
import { GROUP } from './house.ts'
import { JUMP } from './outages.ts'
import type { Keeper } from './keeper.ts'
import { createOverview } from './overview.ts'
import { unlessNewer } from './unless-newer.ts'
import type { WatchRecord } from './watch.ts'
import { WATCH } from './watch.ts'

/** What was found in the store at start. */
export interface Loaded {
  members: number
  /** The latest moment that anything stored speaks of: the clock must not begin before it. */
  latest: Instant
  /** Documents with claims of a kernel that is dead now. */
  claimed: string[]
  /** Documents with effects that were never sent. */
  unsent: string[]
}

export interface Found extends Loaded {
  /** Nobody ever watched before. */
  firstEver: boolean
  /** Ids of the texts and orders that waited to be applied. */
  waiting: ReadonlySet<string>
  /** Since when nobody has watched. */
  from: Instant
  /** A newer imok wrote what concerns the whole group: the room hears alarms and little else. */
  isOutdated: boolean
  /** What the machine's clock said before it was set ahead to what is stored; undefined when it was not behind. */
  wall?: Instant
}

/** Takes stock of the store and sets the clock by it. Throws what `approve` throws. */
export async function readStore(options: {
  store: Store
  house: House
  watch: Pick<Keeper<WatchRecord, never>, 'read'>
  clock: Clock & { atLeast?(at: Instant): void }
  approve?: (out: number) => void
  obeyed: Set<string>
}): Promise<Found> {
  const { store, house, watch, clock, approve, obeyed } = options
  const before = await unlessNewer(() => watch.read(WATCH))
  const waiting = await store.inbox.pending()
  const ids = new Set(waiting.map((item) => item.id))
  const saw = ({ applied }: Member): void => {
    for (const id of applied) if (ids.has(id)) obeyed.add(id)
  }
  const { isGroupNewer, ...loaded } = await load(store.documents, house, saw)
  // A text that was answered for and not read yet may be an SOS: it counts as somebody who is out.
  approve?.(house.overview.out().length + waiting.length)
  const latest = waiting.reduce((at, { receivedAt }) => Math.max(at, receivedAt), loaded.latest)
  const last = before === 'newer' ? { version: 1, watchedUntil: latest } : before
  const stored = Math.max(latest, last?.watchedUntil ?? 0)
  const wall = clock.now()
  clock.atLeast?.(stored)
  const firstEver = !last || last.version === 0
  // A clock that runs faster than real time is always behind after a restart, and nobody lives by it.
  const isBehind = clock.speed === 1 && stored - wall > JUMP
  return {
    ...loaded,
    waiting: ids,
    firstEver,
    from: firstEver ? clock.now() : last.watchedUntil,
    ...(isBehind && { wall }),
    isOutdated: isGroupNewer || before === 'newer',
  }
}

/** How many are out by the records, and texts that nobody has read: each may be an SOS. What cannot be read may be somebody who is out. */
export async function countOut({ documents, inbox }: Pick<Store, 'documents' | 'inbox'>): Promise<number> {
  const overview = createOverview()
  try {
    for await (const { body } of documents.all('member')) overview.saw(body as Member)
    return overview.out().length + (await inbox.pending()).length
  } catch {
    return Infinity
  }
}

/** Reads every member once: everybody at a glance, and what a crash left behind. */
async function load(
  documents: Documents,
  house: House,
  saw: (member: Member) => void,
): Promise<Loaded & { isGroupNewer: boolean }> {
  const loaded: Loaded = { members: 0, latest: 0, claimed: [], unsent: [] }
  for await (const document of documents.all('member')) {
    const member = document.body as Member
    house.overview.saw(member)
    saw(member)
    loaded.members++
    loaded.latest = Math.max(
      loaded.latest,
      member.lastHeard?.at ?? 0,
      ...member.effects.map((e) => e.acceptedAt ?? e.createdAt),
    )
    note(loaded, member)
  }
  const group = await unlessNewer(() => house.group.read(GROUP))
  if (group && group !== 'newer') {
    house.overview.usedNumber(group.incidentCounter)
    house.overview.sawGroup(group)
    loaded.latest = Math.max(loaded.latest, ...group.effects.map((e) => e.acceptedAt ?? e.createdAt))
    note(loaded, group)
  }
  return { ...loaded, isGroupNewer: group === 'newer' }
}

function note(loaded: Loaded, state: Pick<Member, 'id' | 'effects'>): void {
  if (state.effects.some((e) => e.state === 'claimed')) loaded.claimed.push(state.id)
  if (state.effects.some((e) => e.state === 'pending' || e.state === 'unknown')) loaded.unsent.push(state.id)
}
