import type { Store } from '../../src/ports/store.ts'

/** Texts from addresses that are held are stored, and applied only when `goOn` is called. */
export function heldTexts(): { store: (store: Store) => Store; hold: (address: string) => () => void } {
  const held = new Map<string, Promise<unknown>>()
  return {
    store: (store) => ({
      ...store,
      addresses: {
        ...store.addresses,
        find: async (address) => {
          await held.get(address.address)
          return store.addresses.find(address)
        },
      },
    }),
    hold: (address) => {
      const { promise, resolve } = Promise.withResolvers<undefined>()
      held.set(address, promise)
      return () => {
        held.delete(address)
        resolve(undefined)
      }
    },
  }
}
