import { clock as clockText, text } from '../core/texts.ts'
import type { Instant } from '../core/time.ts'
import { MINUTE } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Store } from '../ports/store.ts'
import type { Announce, Way } from './announce.ts'
import { blindness } from './announce.ts'
import { LONG_BLIND } from './ask-who-is-out.ts'
import type { House } from './house.ts'
import { GROUP } from './house.ts'
import type { Glance } from './overview.ts'

/** What the room is told of a start. */
interface Teller {
  store: Store
  house: House
  announce: Announce
  clock: Pick<Clock, 'now'>
  version: string
}

export async function tellDamage({ store, house, announce }: Teller): Promise<void> {
  const names = (await house.group.read(GROUP))?.names ?? {}
  for (const { id, what, setAside } of store.damage) {
    const ours = names[id] !== undefined
    await announce(
      `damage:${setAside}`,
      [
        ours
          ? text('room.damaged', { what: text(`damage.${what}`), name: names[id] ?? id, where: setAside })
          : text('room.damaged.file', { file: id, what: text(`damage.${what}`), where: setAside }),
      ],
      { loud: true },
    )
  }
}

export async function tellStart(
  { house, announce, version, store }: Teller,
  began: {
    from: Instant
    now: Instant
    firstEver: boolean
    unread: Way[]
    wasOut: Glance[]
  },
): Promise<void> {
  const { from, now, firstEver, unread, wasOut } = began
  const group = await house.group.read(GROUP)
  const count = house.overview.out().filter((g) => g.dueAt !== undefined).length
  const was = group?.ranVersion
  if (!firstEver && was !== undefined && was !== version)
    await announce(`started:${version}:${String(store.epoch)}`, [
      text('room.started.upgraded', { version, was, count }),
    ])
  if (was !== version) await house.group.apply(GROUP, { type: 'version-ran', at: now, version })
  const isAnyoneOut = house.overview.out().length > 0
  if (!firstEver && (isAnyoneOut || wasOut.length > 0 || now - from > 5 * MINUTE)) {
    const lines = blindness(house.overview, { what: 'everything', from, to: now, unread, before: wasOut })
    const asked = isAnyoneOut && now - from > LONG_BLIND ? [text('room.blind.asked')] : []
    await announce(`blind:${String(store.epoch)}`, [...lines, ...asked], { loud: isAnyoneOut })
  }
}

/** The kernel goes on from what is stored: until the machine's clock has caught up, the times that people read are ahead of theirs. */
export async function tellBehind({ house, clock, announce, store }: Teller, wall: Instant): Promise<void> {
  const body = [text('room.clock.behind', { wall: clockText(wall), at: clockText(clock.now()) })]
  await announce(`behind:${String(store.epoch)}`, body, { loud: house.overview.out().length > 0 })
}
