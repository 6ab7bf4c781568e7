// An order about a member, and those that give names and numbers.
import { expect } from 'chai'
import type { Fence } from '../../src/app/fence.ts'
import { StoreError } from '../../src/ports/store.ts'
import { ADMIN, CLEO, stored, whoIsOut, world } from '../support/in-line.ts'
import { inOffice } from '../support/in-office.ts'
import { MO } from '../support/story.ts'
import type { Story } from '../support/story.ts'

/** The first that is obeyed from now on is tried again: that it is done cannot be saved. How often it was tried. */
const isNotDoneAtOnce = (story: Story): (() => number) => {
  const { done } = story.store.inbox
  let times = 0
  story.store.inbox.done = (id) => (++times === 1 ? Promise.reject(new StoreError('EIO', 'no')) : done(id))
  return () => times
}

/** Cleo and Bo. */
const bothOut = async (fence?: Fence): ReturnType<typeof world> => {
  const { story, hold } = await world(fence)
  const bo = '+447700900005'
  await story.register('Bo', { channel: 'simulator', address: bo })
  for (const address of [CLEO.address, bo]) await story.phone(address).texts('IN 60')
  return { story, hold }
}

/** `out Cl`, which means Cleo, waits for her OK, and its admin calls Bo so. */
const nameGivenAway = async (fence?: Fence): Promise<Story> => {
  const { story, hold } = await bothOut(fence)
  hold(CLEO.address)
  await story.phone(CLEO.address).texts('OK')
  await story.admin('out Cl')
  await story.admin('edit Bo name Cl')
  return story
}

for (const [who, fence] of [
  ['one kernel', undefined],
  ['one of several', inOffice()],
] as const)
  describe(`an order about a member beside new names and numbers, obeyed by ${who}`, () => {
    it('comes after a new name that the same admin gave before', async () => {
      const { story, hold } = await world(fence)
      await story.register('Moira', { channel: 'simulator', address: '+447700900004' })
      await story.register('Bo', { channel: 'simulator', address: '+447700900005' })
      await story.phone('+447700900004').texts('IN 60')
      await story.phone('+447700900005').texts('IN 60')
      hold('+447700900005')
      await story.phone('+447700900005').texts('OK')
      await story.admin('edit Bo name Mo')
      await story.admin('out Mo')
      await story.forward('12s')
      expect(whoIsOut(story)).to.deep.equal(['Moira'])
    })

    it('means whom it meant before, though the same admin gives that name to somebody while it waits', async () => {
      const story = await nameGivenAway(fence)
      await story.forward('12s')
      expect(whoIsOut(story)).to.deep.equal(['Cl'])
    })

    it('means whom it meant when it is tried again, too', async () => {
      const story = await nameGivenAway(fence)
      const times = isNotDoneAtOnce(story)
      await story.forward('15s')
      expect(times()).to.equal(2)
      expect(whoIsOut(story)).to.deep.equal(['Cl'])
    })

    it('means whom it meant when it is tried again, though it has given them another name', async () => {
      const { story } = await world(fence)
      for (const [n, name] of ['Jon', 'Jonathan'].entries())
        await story.register(name, { channel: 'simulator', address: `+44770090000${String(n + 5)}` })
      const times = isNotDoneAtOnce(story)
      await story.admin('edit Jon name John')
      await story.forward('2s')
      expect(times()).to.equal(2)
      expect([...story.engine.house.overview.all()].map(({ name }) => name)).to.include.members(['John', 'Jonathan'])
    })

    it('and one about the only alarm ends no other one when it is tried again', async () => {
      const { story } = await world(fence)
      await story.phone().texts('SOS')
      const times = isNotDoneAtOnce(story)
      await story.admin('!imok resolve home safe')
      await story.phone(CLEO.address).texts('SOS')
      await story.forward('2s')
      expect(times()).to.be.above(1)
      expect(story.engine.house.overview.incidents().map(({ name }) => name)).to.deep.equal(['Cleo'])
    })

    for (const [words, heard] of [
      ['IN 60', undefined],
      ['SOS', /^#1 SOS: Mo Member/],
    ] as const)
      it(`in a backlog, that gives a new number, comes before what comes from that: ${words}`, async () => {
        const { story } = await world(fence)
        const number = '+447700900006'
        const from = { channel: 'sms', address: number } as const
        const edit = { type: 'order', by: ADMIN, text: `edit Mo number ${number}` } as const
        await story.store.inbox.put(stored(story, edit))
        await story.store.inbox.put(stored(story, { type: 'message', from, text: words }))
        await story.crashesAndRestarts('2s')
        if (heard) await story.roomHears(heard)
        else expect(whoIsOut(story)).to.deep.equal(['Mo Member'])
      })

    it('in a backlog, is obeyed before what comes from a number that was given before it', async () => {
      const { story } = await world(fence)
      const number = '+447700900006'
      const from = { channel: 'sms', address: number } as const
      for (const [order, text] of [
        ['in Mo 60', 'OUT'],
        ['out Mo', 'IN 60'],
      ] as const) {
        for (const words of [`edit Mo number ${number}`, order])
          await story.store.inbox.put(stored(story, { type: 'order', by: ADMIN, text: words }))
        await story.store.inbox.put(stored(story, { type: 'message', from, text }))
        await story.crashesAndRestarts('2s')
        expect(whoIsOut(story), text).to.deep.equal(text === 'OUT' ? [] : ['Mo Member'])
      }
    })

    it('that gives a new number comes before what comes from that, though it waits itself', async () => {
      const { story, hold } = await world(fence)
      const goOn = hold(MO)
      await story.phone().texts('OK')
      await story.admin('edit Mo number +447700900006')
      await story.phone('+447700900006', 'sms').texts('IN 60')
      goOn()
      await story.forward('2s')
      expect(whoIsOut(story)).to.deep.equal(['Mo Member'])
    })

    it('that comes while one that gives a new number waits is obeyed before what comes from that number', async () => {
      const { story, hold } = await world(fence)
      const goOn = hold(CLEO.address)
      await story.phone(CLEO.address).texts('OK')
      await story.admin('edit Cleo number +447700900006')
      await story.phone(CLEO.address).texts('OK')
      await story.admin('in Cleo 30')
      await story.phone('+447700900006', 'sms').texts('OUT')
      goOn()
      // The number is hers now, and the second OK still in line.
      hold(CLEO.address)
      await story.forward('30s')
      await story.roomHears(/^Checked in by Admin: Cleo/)
      expect(whoIsOut(story)).to.deep.equal([])
    })

    it('in a backlog, comes after a new name that somebody else gave before', async () => {
      const { story } = await bothOut(fence)
      const ben = { id: '@ben:simulator', name: 'Ben' }
      await story.store.inbox.put(stored(story, { type: 'order', by: ben, text: 'edit Bo name Cl' }))
      await story.store.inbox.put(stored(story, { type: 'order', by: ADMIN, text: 'out Cl' }))
      await story.crashesAndRestarts('2s')
      expect(whoIsOut(story)).to.deep.equal(['Cleo'])
    })
  })
