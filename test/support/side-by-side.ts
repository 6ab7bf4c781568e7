/** Stories that mostly wait for the real clock: all of them begin at once, and each is a test of its own. */
export function sideBySide(stories: Record<string, () => Promise<void>>): void {
  const running = new Map<string, Promise<void>>()
  before(() => {
    for (const [name, story] of Object.entries(stories)) {
      const told = story()
      // It is judged in its own test, which may come later.
      told.catch(() => undefined)
      running.set(name, told)
    }
  })
  for (const name of Object.keys(stories)) it(name, () => running.get(name)).timeout(40_000)
}
