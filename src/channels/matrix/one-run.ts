/**
 * Runs for the same thing never overlap: a call during a run gets one that begins when that has ended, and shares it with every other
 * call that waits. So what was there before a call is always seen by the run that the call gets.
 */
export function oneRunEach<Thing extends object, Result>(
  run: (thing: Thing) => Promise<Result>,
): (thing: Thing) => Promise<Result> {
  const running = new WeakMap<Thing, Promise<unknown>>()
  const waiting = new WeakMap<Thing, Promise<Result>>()
  return (thing) => {
    const shared = waiting.get(thing)
    if (shared) return shared
    const mine = (running.get(thing) ?? Promise.resolve()).then(() => {
      waiting.delete(thing)
      return run(thing)
    })
    waiting.set(thing, mine)
    running.set(
      thing,
      mine.catch(() => undefined),
    )
    return mine
  }
}
