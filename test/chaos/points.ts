import type { Decorate } from '../../src/compose.ts'
import type { Channel, Room } from '../../src/ports/channel.ts'
import type { Document, Store } from '../../src/ports/store.ts'
import { instead } from './instead.ts'

/** Where the process may die: each is the worst moment of one step on a message's way. */
export const points = ['after-put', 'after-save', 'after-claim', 'after-send'] as const
/** The worst moments to stand still: claimed, and it does not know; about to send; asking the provider to; sent, and not recorded. */
export const worst = ['after-claim', 'before-send', 'on-the-line', 'after-send'] as const
export type DeathPoint = (typeof points)[number]
export type Point = DeathPoint | (typeof worst)[number]

/** The n-th time that a point is passed. Written `after-save:7`. */
export interface Death {
  point: DeathPoint
  nth: number
}

export const readDeath = (written: string | undefined): Death | undefined => {
  const [name, nth] = (written ?? '').split(':')
  const point = points.find((one) => one === name)
  return point && { point, nth: Number(nth) }
}

/** At the n-th passage of the point the process is gone: nothing behind it runs any more, exactly as when the power fails there. */
export function dieAt(death: Death, die: () => void): Decorate {
  let passed = 0
  return passing((point) => {
    if (point === death.point && ++passed === death.nth) die()
  })
}

/** Everything that leaves the kernel passes here. */
export function passing(pass: (point: Point) => void): Decorate {
  const claims = newClaims()
  return {
    store: (store) =>
      instead(store, {
        inbox: instead(store.inbox, {
          put: async (item) => {
            const answer = await store.inbox.put(item)
            if (answer === 'stored') pass('after-put')
            return answer
          },
        }),
        documents: instead(store.documents, {
          write: async (document) => {
            const claimed = claims(document)
            await store.documents.write(document)
            if (claimed) pass('after-claim')
            pass('after-save')
          },
        }),
      }),
    channel: (channel) => instead(channel, { send: passed(channel.send, pass) }),
    room: (room) => instead(room, { send: passed(room.send, pass) }),
  }
}

const passed =
  <Message, Answer>(send: (message: Message) => Promise<Answer>, pass: (point: Point) => void) =>
  async (message: Message): Promise<Answer> => {
    pass('before-send')
    const answer = await send(message)
    pass('after-send')
    return answer
  }

/** Tells whether a save holds a claim that no save before it held. */
function newClaims(): (document: Document) => boolean {
  const seen = new Set<string>()
  return ({ body }) => {
    const { effects = [] } = body as { effects?: { id: string; state: string; attempts: number }[] }
    const fresh = effects
      .filter((effect) => effect.state === 'claimed')
      .map((effect) => `${effect.id} ${effect.attempts}`)
      .filter((claim) => !seen.has(claim))
    for (const claim of fresh) seen.add(claim)
    return fresh.length > 0
  }
}

/** One decoration around another: what `inner` does happens nearer to the world. */
export const around = (outer: Decorate, inner: Decorate): Decorate => ({
  store: (store: Store) => apply(outer.store, apply(inner.store, store)),
  channel: (channel: Channel) => apply(outer.channel, apply(inner.channel, channel)),
  room: (room: Room) => apply(outer.room, apply(inner.room, room)),
})

const apply = <T>(decorate: ((it: T) => T) | undefined, it: T): T => decorate?.(it) ?? it
