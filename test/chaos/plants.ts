import type { Decorate } from '../../src/compose.ts'
import type { Outgoing } from '../../src/ports/channel.ts'
import type { Store } from '../../src/ports/store.ts'
import { instead } from './instead.ts'

/** Faults put in on purpose, one of each kind that the checker must see. */
export const plants = ['lost', 'missing', 'false', 'doubled', 'stuck'] as const
export type Plant = (typeof plants)[number]

export const readPlant = (written: string | undefined): Plant | undefined => plants.find((one) => one === written)

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export const planted: Record<Plant, Decorate> = {
  /** Acknowledges a message, thinks about it, and stores it only then: whoever dies in between has lost it. */
  lost: {
    store: (store) =>
      instead(store, {
        addresses: slowly(store.addresses),
        inbox: instead(store.inbox, {
          put: (item) => {
            void pause(1_500).then(() => store.inbox.put(item))
            return Promise.resolve('stored')
          },
        }),
      }),
  },

  /** Takes an alarm for delivered that nobody was sent. */
  missing: {
    room: (room) =>
      instead(room, {
        send: (message) => (isAlarm(message) ? Promise.resolve({ readers: 1 }) : room.send(message)),
      }),
  },

  /** Looks up the sender so slowly that an OUT is stored before the deadline and obeyed after it. */
  false: { store: (store) => instead(store, { addresses: slowly(store.addresses) }) },

  /** Names its messages anew in each life, so that the room does not know them again. */
  doubled: {
    room: (room) => instead(room, { send: (message) => room.send({ ...message, id: `${message.id}:${process.pid}` }) }),
  },

  /** One text in three is sent and never settled. */
  stuck: {
    channel: (channel) => {
      let count = 0
      return instead(channel, {
        send: async (message) => {
          const answer = await channel.send(message)
          return ++count % 3 === 0 ? new Promise(() => undefined) : answer
        },
      })
    },
  },
}

const slowly = (addresses: Store['addresses']): Store['addresses'] =>
  instead(addresses, {
    find: async (address) => {
      await pause(1_500)
      return addresses.find(address)
    },
  })

const isAlarm = (message: Pick<Outgoing, 'text'>): boolean => /^#\d+ (?:OVERDUE|ROLL-CALL)/.test(message.text)
