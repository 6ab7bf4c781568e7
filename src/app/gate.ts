/** Lets so many in at once; the others wait outside, first come, first served. */
export function createGate(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const outside: (() => void)[] = []
  let inside = 0

  return async (work) => {
    // Whoever leaves hands the place over, so that nobody slips in before those who wait.
    if (inside >= most) await new Promise<void>((resolve) => outside.push(resolve))
    else inside++
    try {
      return await work()
    } finally {
      const next = outside.shift()
      if (next) next()
      else inside--
    }
  }
}
