import { expect } from 'chai'
import { witness } from './store-witness.ts'
import type { Harness } from './store.ts'

/** `life` says whether it came to die: the first that did not has seen every step. */
export async function dieAtEachStep(
  makeHarness: () => Promise<Harness>,
  life: (harness: Harness, step: number) => Promise<boolean>,
): Promise<number> {
  for (let step = 1; ; step++) {
    const harness = await makeHarness()
    try {
      if (!(await life(harness, step))) return step
    } catch (error) {
      throw new Error(`dying at step ${step}: ${(error as Error).message}`, { cause: error })
    } finally {
      await harness.dispose()
    }
  }
}

/** A crash between any two writes: at every step of a life, and of the opening after it. */
export function crashContract(makeHarness: () => Promise<Harness>): void {
  it('loses nothing acknowledged, and shows nothing half, whenever it dies', async () => {
    const steps = await dieAtEachStep(makeHarness, async (harness, step) => {
      const seen = witness()
      const first = await harness.open()
      harness.dieAt(step)
      await seen.live(first)
      const died = harness.isDead()
      await harness.crash()
      const second = await harness.open()
      expect(second.epoch).to.equal(first.epoch + 1)
      await seen.check(second)
      // What the second one was seen to have, or has taken since, survives the next crash as well.
      await harness.crash()
      await seen.check(await harness.open())
      return died
    })
    expect(steps).to.be.greaterThan(25)
  })

  it('opens again whenever it died while opening', async () => {
    await dieAtEachStep(makeHarness, async (harness, step) => {
      const seen = witness()
      await seen.live(await harness.open())
      await harness.crash()
      harness.dieAt(step)
      await harness.open().then(
        async (store) => store.close(),
        () => undefined,
      )
      const died = harness.isDead()
      await harness.crash()
      await seen.check(await harness.open())
      return died
    })
  })
}
