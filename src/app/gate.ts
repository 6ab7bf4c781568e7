/** Lets so many in at once; the others wait outside, first come, first served, except whom somebody else waits for by now. */
export function createGate(most: number): <T>(work: () => Promise<T>, wanted?: Promise<unknown>) => Promise<T> {
  const outside: ((hasPlace: boolean) => void)[] = []
  let inside = 0

  /** Whether a place has become free; false: let in without one. */
  const waitOutside = (wanted?: Promise<unknown>): Promise<boolean> => {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    outside.push(resolve)
    void wanted?.then(() => {
      const at = outside.indexOf(resolve)
      if (at >= 0) outside.splice(at, 1)
      resolve(false)
    })
    return promise
  }

  return async (work, wanted) => {
    let hasPlace = inside < most
    if (hasPlace) inside++
    else hasPlace = await waitOutside(wanted)
    try {
      return await work()
    } finally {
      // Whoever leaves hands the place over, so that nobody slips in before those who wait.
      const next = hasPlace ? outside.shift() : undefined
      if (next) next(true)
      else if (hasPlace) inside--
    }
  }
}
