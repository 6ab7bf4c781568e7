// What the store refuses of a member goes before an order about them, however long that takes.
import { expect } from 'chai'
import { GROUP } from '../../src/app/house.ts'
import { StoreError } from '../../src/ports/store.ts'
import { CLEO, whoIsOut } from '../support/in-line.ts'
import { inOffice } from '../support/in-office.ts'
import { tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'

/** Until it is told to save again. */
const refusesToSave = ({ store }: Story, isRefused: (id: string) => boolean = () => true): (() => void) => {
  const { write } = store.documents
  store.documents.write = (document) =>
    isRefused(document.id) ? Promise.reject(new StoreError('disk-full', 'no space')) : write(document)
  return () => void (store.documents.write = write)
}

for (const [who, fence] of [
  ['one kernel', undefined],
  ['one of several', inOffice()],
] as const)
  describe(`an order about a member that the store refuses, obeyed by ${who}`, () => {
    const world = async (): Promise<Story> => {
      const story = await tell({ ...(fence && { fence }) })
      await story.register('Cleo', CLEO)
      return story
    }

    for (const back of [5_000, 10_500, 11_000, 11_500, 12_000, 12_500, 13_000, 40_000])
      it(`comes after what was sent before also when the store refused everything for long: ${String(back)} ms`, async () => {
        const story = await world()
        await story.phone().texts('IN 60')
        const restore = refusesToSave(story)
        await story.phone().texts('OUT')
        await story.admin('in Mo 30')
        // Whenever it is back: between two tries of the one, or of the other.
        await story.goesOn(back)
        restore()
        await story.forward('5s')
        await story.roomHears(/^Checked in by Admin: Mo Member, until 11:30/)
        expect(whoIsOut(story)).to.deep.equal(['Mo Member'])
      })

    for (const back of [200, 9_800, 10_000, 10_200, 10_700, 11_000, 30_000])
      it(`comes after another one about that member, also when the store refused both for ${String(back)} ms`, async () => {
        const story = await world()
        await story.phone().texts('IN 60')
        const restore = refusesToSave(story)
        await story.admin('out Mo')
        await story.goesOn(1_400)
        await story.admin('in Mo 30')
        await story.goesOn(back)
        restore()
        await story.forward('5s')
        await story.roomHears(/^Checked out by Admin: Mo Member/)
        await story.roomHears(/^Checked in by Admin: Mo Member, until 11:31/)
        expect(whoIsOut(story)).to.deep.equal(['Mo Member'])
      })

    it('comes after a text that stands behind one that the store refused', async () => {
      const story = await world()
      await story.phone().texts('IN 60')
      const restore = refusesToSave(story)
      await story.phone().texts('OK')
      await story.phone().texts('OUT')
      await story.admin('in Mo 30')
      await story.goesOn(12_400)
      restore()
      // The first is tried at 13 s; the second begins, and takes its time.
      await story.goesOn(500)
      const { find } = story.store.addresses
      let tries = 0
      story.store.addresses.find = async (address) => {
        if (++tries === 2) await story.clock.pause(3_000)
        return find(address)
      }
      await story.forward('10s')
      expect(tries).to.be.above(1)
      await story.roomHears(/^Checked in by Admin: Mo Member, until 11:30/)
      expect(whoIsOut(story)).to.deep.equal(['Mo Member'])
    })

    it('comes after a text that waited for an order that the store refused', async () => {
      const story = await world()
      await story.phone().texts('IN 60')
      const restore = refusesToSave(story)
      await story.admin('extend Mo 30')
      await story.phone().texts('OUT')
      await story.admin('in Mo 30')
      await story.goesOn(12_400)
      restore()
      const { find } = story.store.addresses
      story.store.addresses.find = async (address) => {
        await story.clock.pause(3_000)
        return find(address)
      }
      await story.forward('10s')
      await story.roomHears(/^Checked in by Admin: Mo Member, until 11:30/)
      expect(whoIsOut(story)).to.deep.equal(['Mo Member'])
    })

    it('that cannot be obeyed because of a record of somebody else holds up nobody for long', async () => {
      const story = await world()
      await story.phone().texts('SOS')
      const [mo] = story.engine.house.overview.incidents()
      const { write } = story.store.documents
      story.store.documents.write = (document) =>
        document.id === mo?.id ? Promise.reject(new StoreError('EIO', 'a bad block')) : write(document)
      await story.admin('take 1')
      await story.admin('in Cleo 30')
      await story.phone(CLEO.address).texts('IN 60')
      await story.forward('16s')
      await story.phone(CLEO.address).hears(/^Noted/)
      expect(whoIsOut(story)).to.include('Cleo')
    })
  })

describe('a cry for help behind a text of the same phone that the store refuses', () => {
  for (const [what, isRefused] of [
    ['as everything', () => true],
    ['because of the group’s record alone', (id: string) => id === GROUP],
  ] as const)
    it(`${what}, is heard, and comes after it when that can be saved`, async () => {
      const story = await tell({ watch: () => ({ trouble: 'nobody-on-duty' }) })
      const restore = refusesToSave(story, isRefused)
      for (const text of ['IN 60', 'SOS']) await story.phone().texts(text)
      await story.forward('30s')
      await story.roomHears(/^#1 SOS: Mo Member/)
      restore()
      await story.forward('10s')
      expect(await story.store.inbox.pending()).to.deep.equal([])
      await story.admin('resolve 1 a mistake')
      expect(whoIsOut(story)).to.deep.equal(['Mo Member'])
    })

  for (const [cries, back] of [1, 2].flatMap((times) =>
    [200, 400, 600, 800, 1_200, 1_500, 1_700].map((ms) => [times, ms] as const),
  ))
    it(`comes after that text when the store is back, ${String(back)} ms after a second: ${String(cries)}`, async () => {
      const story = await tell()
      const restore = refusesToSave(story)
      await story.phone().texts('IN 60')
      for (let n = 0; n < cries; n++) {
        await story.goesOn(500)
        await story.phone().texts('SOS')
      }
      await story.goesOn(15_000 + back)
      restore()
      await story.forward('10s')
      await story.admin('resolve 1 a mistake')
      expect(whoIsOut(story)).to.deep.equal(['Mo Member'])
    })

  it('is heard also where it is a cry only from whoever is out', async () => {
    const story = await tell()
    await story.phone().texts('IN 60')
    const restore = refusesToSave(story)
    for (const text of ['OK', 'HELP']) await story.phone().texts(text)
    await story.forward('40s')
    await story.roomHears(/^#1 SOS: Mo Member/)
    restore()
    await story.forward('10s')
    expect(await story.times('room', /^#2/)).to.equal(0)
  })

  it('is one although the IN before it could not be saved for long', async () => {
    const story = await tell()
    const restore = refusesToSave(story)
    for (const text of ['IN 60', 'HELP']) await story.phone().texts(text)
    await story.goesOn(40_300)
    restore()
    await story.forward('10s')
    await story.roomHears(/^#1 SOS: Mo Member/)
  })
})
