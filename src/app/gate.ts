/** Whoever comes to a gate and may be let in before others. */
export interface Guest {
  /** Somebody waits for them by now. */
  isWanted?: boolean
  /** They wait outside: lets them in. */
  letIn?: (() => void) | undefined
}

/** Lets so many in at once; the others wait outside, first come, first served, except whom somebody else waits for. */
export function createGate(most: number): <T>(work: () => Promise<T>, guest?: Guest) => Promise<T> {
  const outside: ((hasPlace: boolean) => void)[] = []
  let inside = 0

  /** Whether a place has become free; false: let in without one. */
  const waitOutside = async (guest: Guest): Promise<boolean> => {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    outside.push(resolve)
    guest.letIn = () => {
      const at = outside.indexOf(resolve)
      if (at >= 0) outside.splice(at, 1)
      resolve(false)
    }
    const hasPlace = await promise
    guest.letIn = undefined
    return hasPlace
  }

  return async (work, guest = {}) => {
    let hasPlace = inside < most
    if (hasPlace) inside++
    else if (guest.isWanted !== true) hasPlace = await waitOutside(guest)
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
