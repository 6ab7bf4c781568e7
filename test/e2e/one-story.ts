// For tests that tell one story: what follows a broken part would only wait.
import { afterEach, beforeEach } from 'mocha'

/**
 * Call inside describe(): after the first test that fails the rest of this suite is not run. (Mocha's own `bail` also leaves out a suite of which
 * nothing has failed, if anything failed in another one before it.)
 */
export function oneStory(): void {
  let isBroken = false
  beforeEach(() => {
    if (isBroken) throw new Error('an earlier part of this story has failed')
  })
  afterEach(function () {
    isBroken ||= this.currentTest?.isFailed() === true
  })
}
