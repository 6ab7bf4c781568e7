import type { Decorate } from '../../src/compose.ts'
import type { Outgoing } from '../../src/ports/channel.ts'
import type { Store } from '../../src/ports/store.ts'
import { instead } from './instead.ts'

/** Faults put in on purpose, one of each kind that the checker must see. */
export const plants = ['lost', 'missing', 'false', 'doubled', 'again', 'stuck'] as const
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

  /** Leaves its office with the last text to a phone once more, however it leaves it. */
  again: {
    channel: (channel) => {
      let last: Outgoing | undefined
      return instead(channel, {
        send: (message) => channel.send((last = message)),
        stop: async () => {
          if (last) await channel.send(last)
          await channel.stop?.()
        },
      })
    },
  },

  /** One text in three is neither sent nor refused, however often; whoever asks about it waits for ever, too. */
  stuck: {
    channel: (channel) => {
      const fates = new Map<string, boolean>()
      const hangs = ({ id }: Pick<Outgoing, 'id'>): boolean => {
        if (!fates.has(id)) fates.set(id, (fates.size + 1) % 3 === 0)
        return fates.get(id) === true
      }
      const never = new Promise<never>(() => undefined)
      const { find } = channel
      return instead(channel, {
        send: (message) => (hangs(message) ? never : channel.send(message)),
        ...(find && { find: (message, others) => (hangs(message) ? never : find(message, others)) }),
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
