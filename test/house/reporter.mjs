// Dots while it runs, every failure in full at the end, and the counts in a file for .ci/run; beside it what failed, a line each.
// If something keeps the process alive after the last test, it says what, and fails.
import { writeFileSync } from 'node:fs'
import mocha from 'mocha'

const { Dot } = mocha.reporters
const LINGER = 15_000 // ms; longer than any orderly shutdown

export default class Reporter extends Dot {
  constructor(runner, options) {
    super(runner, options)
    const failed = []
    runner.on('fail', (test, error) => {
      failed.push(`${test.fullTitle()}: ${String(error?.message ?? error).split('\n')[0]}\n`)
    })
    runner.once('end', () => {
      const { passes, failures, pending } = runner.stats
      const file = process.env['TEST_COUNTS']
      if (file) {
        writeFileSync(file, JSON.stringify({ passed: passes, failed: failures, skipped: pending }))
        writeFileSync(`${file}.failed`, failed.join(''))
      }
      setTimeout(() => {
        console.error(`The tests have ended, but the process has not: ${process.getActiveResourcesInfo().join(', ')}`)
        process.exit(1)
      }, LINGER).unref()
    })
  }
}
