// Opens the store in the folder given, says so, and holds it until it is killed.
import { loadDataKey } from '../../src/crypto/data-key.ts'
import { openLowdbStore } from '../../src/stores/lowdb/index.ts'

const folder = process.argv[2] ?? ''
const store = await openLowdbStore({ folder, key: await loadDataKey(folder) })
console.log(`open ${store.epoch}`)
process.stdin.resume()
