import { expect } from 'chai'
import type { OfficeRow } from '../../../src/stores/mongodb/office.ts'
import { OFFICE } from '../../../src/stores/mongodb/office.ts'
import { seeOffice } from '../../../src/stores/mongodb/office-seen.ts'
import type { OfficeSeen } from '../../../src/stores/mongodb/office-seen.ts'
import { FakeDatabase } from '../../support/fake-database.ts'

const times = { look: 5, acts: 60 }
const until = async (isSo: () => boolean): Promise<void> => {
  for (const end = Date.now() + 5_000; !isSo(); await new Promise((go) => setTimeout(go, 5)))
    if (Date.now() > end) throw new Error('it did not become so')
}

describe('a kernel without the key that looks whether another one acts', () => {
  let database: FakeDatabase
  let troubles: number
  let office: OfficeSeen
  let beating: NodeJS.Timeout | undefined

  const row = (beat: number, holder = 'other'): void =>
    void database.of('meta').rows.set(OFFICE, { _id: OFFICE, epoch: 3, holder, beat } as OfficeRow)
  const beats = (): void => {
    let beat = 1
    beating = setInterval(() => row(beat++), 10)
  }
  /** Enough looks to have seen what there is. */
  const looks = async (): Promise<void> => {
    await new Promise((go) => setTimeout(go, 20 * times.look))
  }

  beforeEach(() => {
    database = new FakeDatabase()
    troubles = 0
    office = seeOffice(
      'mongodb://somewhere/',
      () => troubles++,
      times,
      () => Promise.resolve(database.link()),
    )
  })
  afterEach(async () => {
    clearInterval(beating)
    await office.close()
  })

  it('sees one that beats, and that it stopped', async () => {
    row(0)
    beats()
    await until(office.isTaken)
    clearInterval(beating)
    await until(() => !office.isTaken())
  })

  it('takes what one left that died long ago, or gave its office back, for nobody', async () => {
    row(7)
    await looks()
    expect(office.isTaken()).to.equal(false)
    row(8, '')
    await looks()
    expect(office.isTaken()).to.equal(false)
  })

  it('knows nothing while the database cannot be asked, and asks again', async () => {
    row(0)
    database.of('meta').isAway = true
    beats()
    await until(() => troubles > 1)
    expect(office.isTaken()).to.equal(false)
    database.of('meta').isAway = false
    await until(office.isTaken)
  })
})
