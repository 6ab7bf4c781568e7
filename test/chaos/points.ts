import type { Decorate } from '../../src/compose.ts'
import type { Channel, Room } from '../../src/ports/channel.ts'
import type { Document, Store } from '../../src/ports/store.ts'
import { instead } from './instead.ts'

/** Where the process may die: each is the worst moment of one step on a message's way. */
export const points = ['after-put', 'after-save', 'after-claim', 'after-send'] as const
export type Point = (typeof points)[number]

/** The n-th time that a point is passed. Written `after-save:7`. */
export interface Death {
  point: Point
  nth: number
}

export const readDeath = (written: string | undefined): Death | undefined => {
  const [name, nth] = (written ?? '').split(':')
  const point = points.find((one) => one === name)
  return point && { point, nth: Number(nth) }
}

/**
 * Everything that leaves the kernel passes here, and at the n-th passage of the point the process is gone: nothing behind
 * the point runs any more, exactly as when the power fails there.
 */
export function dieAt(death: Death, die: () => void): Decorate {
  let passed = 0
  const pass = (point: Point): void => {
    if (point === death.point && ++passed === death.nth) die()
  }
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
    channel: (channel) => instead(channel, { send: after(channel.send, () => pass('after-send')) }),
    room: (room) => instead(room, { send: after(room.send, () => pass('after-send')) }),
  }
}

const after =
  <Message, Answer>(send: (message: Message) => Promise<Answer>, then: () => void) =>
  async (message: Message): Promise<Answer> => {
    const answer = await send(message)
    then()
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
