import type { SmallValues } from '../../src/channels/matrix/small-values.ts'

/** What the crypto store keeps beside the keys, in memory. */
export function memoryValues(
  given: Readonly<Record<string, string>> = {},
): SmallValues & { all: () => Map<string, string> } {
  const values = new Map(Object.entries(given))
  return {
    get: (key) => values.get(key),
    set: (changes) => {
      for (const [key, value] of Object.entries(changes))
        if (value === undefined) values.delete(key)
        else values.set(key, value)
    },
    all: () => values,
  }
}
