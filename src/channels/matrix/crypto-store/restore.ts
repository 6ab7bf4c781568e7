import type { DatabaseContent } from './content.ts'
import type { Factory } from './inside-indexeddb.ts'

/** Makes a database in memory that is as the journal says. */
export async function restore(factory: Factory, { name, version, stores }: DatabaseContent): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const request = factory.open(name, version)
    request.addEventListener('upgradeneeded', () => {
      const connection = request.result
      for (const { name: store, keyPath, autoIncrement, lastKey, indexes, records } of stores.values()) {
        const made = connection.createObjectStore(store, { keyPath, autoIncrement })
        const raw = connection._rawDatabase.rawObjectStores.get(store)
        // At once and without a copy: nobody else has these values, and a request for each takes fifty times as long.
        for (const [key, value] of records.values()) raw?.storeRecord({ key, value }, true)
        if (raw?.keyGenerator) raw.keyGenerator.num = lastKey
        for (const { name: index, keyPath: path, ...kind } of indexes) made.createIndex(index, path, kind)
      }
    })
    request.addEventListener('success', () => {
      request.result.close()
      resolve()
    })
    request.addEventListener('error', () =>
      reject(new Error('a database cannot be restored', { cause: request.error })),
    )
  })
}
