/** A kernel on a database does a multiple of the work, and so does the database: with more at once a story's seconds pass before its text is stored. */
const AT_ONCE = process.env['STORY_STORE'] === 'mongodb' ? 4 : Infinity

/** Stories that mostly wait for the real clock: they begin at once, or one when another has ended, and each is a test of its own. */
export function sideBySide(stories: Record<string, () => Promise<void>>): void {
  const running = new Map<string, Promise<void>>()
  before(() => {
    const places: Promise<unknown>[] = []
    for (const [n, [name, story]] of Object.entries(stories).entries()) {
      const told = (places[n % AT_ONCE] ?? Promise.resolve()).then(story)
      // It is judged in its own test, which may come later.
      places[n % AT_ONCE] = told.catch(() => undefined)
      running.set(name, told)
    }
  })
  for (const name of Object.keys(stories)) it(name, () => running.get(name)).timeout(40_000)
}
