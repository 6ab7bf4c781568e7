import { expect } from 'chai'
import { witness } from '../../contract/store-witness.ts'
import { forgetfulHarness } from '../../support/lowdb-harness.ts'
import { seededRandom } from '../../support/seeded-random.ts'

describe('the lowdb store after a power cut that kept any part of what was not synced', function () {
  this.timeout(60_000)
  const seed = Number(process.env['IMOK_TEST_SEED'] ?? Date.now() % 1_000_000)

  it(`has everything acknowledged and nothing half (IMOK_TEST_SEED=${seed})`, async () => {
    const random = seededRandom(seed)
    let died = 0
    for (let life = 0; life < 300; life++) {
      const harness = forgetfulHarness(['some'], random)
      const seen = witness()
      const first = await harness.open()
      harness.dieAt(1 + Math.floor(random() * 60))
      await seen.live(first)
      if (harness.isDead()) died++
      await harness.crash()
      await seen.check(await harness.open()).catch((error: unknown) => {
        throw new Error(`life ${life}: ${(error as Error).message}`, { cause: error })
      })
      await harness.crash()
      await seen.check(await harness.open())
    }
    expect(died).to.be.greaterThan(100)
  })
})
