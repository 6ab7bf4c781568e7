import { storeContract } from '../contract/store.ts'
import { folderHarness, forgetfulHarness } from '../support/lowdb-harness.ts'

storeContract('the lowdb store, in a real folder and killed', folderHarness)
storeContract('the lowdb store, cut off from power', () => Promise.resolve(forgetfulHarness(['unsynced'])))
// What the second process found and built on must last, though the first had no time to sync it.
storeContract('the lowdb store, killed and then cut off from power', () =>
  Promise.resolve(forgetfulHarness(['nothing', 'unsynced'])),
)
