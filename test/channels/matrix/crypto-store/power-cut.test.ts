import { expect } from 'chai'
import { seededRandom } from '../../../support/seeded-random.ts'
import { Folder } from './folder.ts'
import { answer, open, write } from './indexed-db.ts'
import { PowerCut } from './power-cut.ts'

interface Cut {
  what: string
  acknowledged: number
  left: string
}

describe('the crypto store after a power cut', function () {
  this.timeout(60_000)
  const seed = Number(process.env['IMOK_TEST_SEED'] ?? Date.now() % 1_000_000)

  for (const loss of ['unsynced', 'some'] as const) {
    it(`has everything acknowledged and nothing half, wherever it came (${loss} lost, IMOK_TEST_SEED=${seed})`, async () => {
      const random = seededRandom(seed)
      const folder = new Folder()
      const cuts: Cut[] = []
      let acknowledged = 0
      const watch = new PowerCut(folder.path, random, (what) => {
        const left = folder.beside(`cut ${cuts.length}`)
        if (acknowledged > 0) watch.leave(left, loss)
        if (acknowledged > 0) cuts.push({ what, acknowledged, left })
      })
      try {
        let store = await folder.open({ small: 4000 })
        let db = await open(store, 'db', 1, (made) => void made.createObjectStore('plain'))
        for (let n = 1; n <= 40; n++) {
          const filler = 'x'.repeat(Math.floor(random() * 700))
          if (n % 2) await write(db, 'plain', (s) => void s.put({ n, filler }, 'n'))
          else store.set({ n: String(n), filler })
          acknowledged = n
          if (n % 17 !== 0) continue
          store = await folder.open({ small: 4000 })
          db = await open(store, 'db')
        }
        await store.idle()
      } finally {
        watch.end()
      }
      try {
        expect(new Set(cuts.map(({ what }) => what))).to.include.all.keys('rename', 'remove', 'synced folder', 'create')
        for (const { what, acknowledged: least, left } of cuts) {
          const where = `at "${what}" after ${least}, in ${left}`
          const again = await folder.open({ folder: left }).catch((error: unknown) => {
            throw new Error(`${where}: ${(error as Error).message}`, { cause: error })
          })
          const db = await open(again, 'db')
          const { n = 0 } = (await answer(db.transaction('plain').objectStore('plain').get('n'))) as { n?: number }
          const found = [n, Number(again.get('n') ?? 0)]
          expect(Math.max(...found), where).to.be.within(least, least + 1)
          expect(n + Number(again.get('n') ?? 0), where).to.equal(2 * Math.max(...found) - 1)
        }
      } finally {
        folder.remove()
      }
    })
  }
})
