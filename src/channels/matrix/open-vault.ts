import type { CryptoStoreOptions } from './crypto-store/open-crypto-store.ts'
import { openCryptoStore } from './crypto-store/open-crypto-store.ts'
import type { Machine } from './open-machine.ts'
import { openMachine } from './open-machine.ts'
import type { Vault } from './vault.ts'

/** All that was sent is on the disk, and nothing more will be sent: there only between two runs. */
const LEVEL = 'level'

/** The crypto store and its machine. Throws `CryptoStoreError`. */
export async function openVault(options: CryptoStoreOptions): Promise<Vault> {
  const store = await openCryptoStore(options)
  const wasLevel = store.get(LEVEL) !== undefined
  const setLevel = (level: string | undefined): void => {
    try {
      store.set({ [LEVEL]: level })
    } catch {
      // The disk takes nothing, and `afloat` or `failed` say so.
    }
  }
  if (wasLevel) setLevel(undefined)
  let machine: Machine | undefined
  return {
    get: (key) => store.get(key),
    set: (values) => store.set(values),
    together: (work) => store.together(work),
    durable: () => store.durable(),
    // A mark that could not be taken away stays for the next run, so this one must not rely on it.
    mayBeBehind: !wasLevel || store.afloat() !== undefined,
    afloat: () => store.afloat(),
    mend: () => store.mend(),
    failed: () => store.failed(),
    machine: async (account) => (machine ??= await openMachine({ store, ...account })).olm,
    close: async () => {
      await store.idle()
      machine?.close()
      if (store.failed() === undefined && (await store.mend().catch(() => false))) setLevel('yes')
      store.close()
    },
  }
}
