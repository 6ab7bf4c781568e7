// An order about a member has its place among what that member sends.
import { expect } from 'chai'
import { SECOND } from '../../src/core/time.ts'
import type { Heard } from '../../src/ports/inbox.ts'
import { ADMIN, CLEO, PHONE, stored, whoIsOut, world } from '../support/in-line.ts'
import { inOffice } from '../support/in-office.ts'
import { ELEVEN, MO, ms } from '../support/story.ts'
import type { Story } from '../support/story.ts'
import { inRoom } from '../support/walkers.ts'

const inCleo: Heard = { type: 'order', by: ADMIN, text: 'in Cleo 30' }

for (const [who, fence] of [
  ['one kernel', undefined],
  ['one of several', inOffice()],
] as const)
  describe(`an order about a member, obeyed by ${who}`, () => {
    it('waits for the OUT that came before it and is in line: whom an admin checks in is watched', async () => {
      const { story, hold } = await world(fence)
      await story.phone().texts('IN 60')
      const goOn = hold(MO)
      await story.phone().texts('OUT')
      await story.admin('in Mo 30')
      await story.goesOn(2 * SECOND)
      goOn()
      await story.settled()
      await story.phone().hears(/^OUT noted/)
      await story.roomHears(/^Checked in by Admin: Mo Member, until 11:30/)
      expect(await story.times('room', /Checked in already/)).to.equal(0)
      await story.forward('31m')
      await story.roomHears(/^#1 OVERDUE, unconfirmed: Mo Member/)
    })

    it('is not overtaken by the OUT that came after it, from whichever phone: no alarm', async () => {
      const { story, hold } = await world(fence)
      const goOn = hold(CLEO.address)
      await story.phone(CLEO.address).texts('OK')
      await story.admin('in Cleo 30')
      await story.phone(PHONE.address, 'sms').texts('OUT')
      await story.goesOn(2 * SECOND)
      goOn()
      await story.forward('1h')
      await story.roomHears(/^Checked in by Admin: Cleo, until 11:30/)
      expect(await story.times('room', /OVERDUE/)).to.equal(0)
    })

    it('waits for no phone of anybody else, and nobody else waits for it: nor what the same admin writes next', async () => {
      const { story, hold } = await world(fence)
      await story.phone().texts('SOS')
      hold(CLEO.address)
      await story.phone(CLEO.address).texts('OK')
      await story.admin('in Cleo 30')
      await story.admin('take 1')
      await story.roomHears(/^#1 TAKEN by Admin/)
      await story.admin('resolve 1 home')
      await story.admin('in Mo 30')
      expect(whoIsOut(story)).to.deep.equal(['Mo Member'])
      await story.phone().texts('OUT')
      expect(whoIsOut(story)).to.deep.equal([])
    })

    it('does not hold up a cry for help from another phone, nor what stands before it', async () => {
      const { story, hold } = await world(fence)
      hold(CLEO.address)
      await story.phone(CLEO.address).texts('OK')
      await story.admin('in Cleo 30')
      await story.phone(PHONE.address, 'sms').texts('OK')
      await story.phone(PHONE.address, 'sms').texts('SOS')
      await story.roomHears(/^#1 SOS: Cleo/)
    })

    it('goes before HELP, which is a cry only from whoever is out', async () => {
      const { story, hold } = await world(fence)
      hold(CLEO.address)
      await story.phone(CLEO.address).texts('OK')
      await story.admin('in Cleo 30')
      await story.phone(PHONE.address, 'sms').texts('HELP')
      await story.forward('16s')
      await story.roomHears(/^#1 SOS: Cleo/)
    })

    it('and what it waits for are not held up by a flood of other texts', async () => {
      const { story, hold } = await world(fence)
      await story.phone().texts('IN 60')
      for (const n of [1, 2, 3, 4, 5]) {
        hold(`+44770090010${n}`)
        await story.phone(`+44770090010${n}`).texts('hello')
      }
      await story.phone().texts('OUT')
      expect(whoIsOut(story), 'the gate is full').to.deep.equal(['Mo Member'])
      await story.admin('in Mo 30')
      await story.phone().hears(/^OUT noted/)
      await story.roomHears(/^Checked in by Admin: Mo Member, until 11:30/)
    })

    it('is not obeyed any more when imok stops before it has come to what was sent before', async () => {
      const { story, hold } = await world(fence)
      await story.phone(CLEO.address).texts('IN 60')
      const goOn = hold(CLEO.address)
      await story.phone(CLEO.address).texts('OK')
      await story.phone(CLEO.address).texts('OUT')
      await story.admin('in Cleo 30')
      const stopped = story.stops()
      goOn()
      await stopped
      await story.starts()
      await story.roomHears(/^Checked in by Admin: Cleo, until 11:30/)
      expect(whoIsOut(story)).to.deep.equal(['Cleo'])
    })

    it('waits ten seconds at most for what cannot be applied, and what comes after it does not wait longer', async () => {
      const { story, hold } = await world(fence)
      hold(CLEO.address)
      await story.phone(CLEO.address).texts('OK')
      await story.admin('in Cleo 30')
      await story.phone(PHONE.address, 'sms').texts('MORE 60')
      await story.forward('9s')
      expect(whoIsOut(story)).to.deep.equal([])
      await story.forward('2s')
      await story.roomHears(/^Checked in by Admin: Cleo, until 11:30/)
      expect(story.engine.house.overview.out().map(({ dueAt }) => dueAt)).to.deep.equal([ELEVEN + ms('90m')])
    })

    /** Both happen while the kernel that starts in two seconds applies what it found. */
    const inThreeSeconds = (story: Story, job: () => unknown): void => {
      const off = story.clock.every(3 * SECOND, () => (off(), void job()))
    }

    it('that comes while a backlog is applied waits for what that member sent before', async () => {
      const { story, hold } = await world(fence)
      await story.phone(CLEO.address).texts('IN 60')
      await story.store.inbox.put(stored(story, { type: 'message', from: CLEO, text: 'OUT' }))
      const goOn = hold(CLEO.address)
      inThreeSeconds(story, () => story.engine.inbox.put(stored(story, inCleo)))
      inThreeSeconds(story, () => story.clock.pause(500).then(goOn))
      await story.crashesAndRestarts('2s')
      await story.forward('2s')
      await story.roomHears(/^Checked in by Admin: Cleo, until 11:31/)
      expect(whoIsOut(story)).to.deep.equal(['Cleo'])
    })

    it('holds up nobody else in a backlog', async () => {
      const { story, hold } = await world(fence)
      await story.register('Fifi', { channel: 'simulator', address: '+447700900004' })
      await story.store.inbox.put(stored(story, { type: 'message', from: CLEO, text: 'OK' }))
      await story.store.inbox.put(stored(story, inCleo))
      const fifi = { channel: 'simulator', address: '+447700900004' } as const
      for (const text of ['hello', 'SOS'])
        await story.store.inbox.put(stored(story, { type: 'message', from: fifi, text }))
      hold(CLEO.address)
      await story.crashesAndRestarts('2s')
      const at = (await inRoom(story)).find(({ text }) => /^#1 SOS: Fifi/.test(text))?.at
      expect(at).to.be.within(ELEVEN + 2 * SECOND, ELEVEN + 2 * SECOND + 500)
    })

    it('keeps its place in a backlog that takes long', async () => {
      const { story, hold } = await world(fence)
      await story.phone(CLEO.address).texts('IN 60')
      await story.store.inbox.put(stored(story, { type: 'message', from: CLEO, text: 'OUT' }))
      await story.store.inbox.put(stored(story, inCleo))
      const goOn = hold(CLEO.address)
      inThreeSeconds(story, () => story.clock.pause(5 * SECOND).then(goOn))
      await story.crashesAndRestarts('2s')
      await story.forward('10s')
      await story.roomHears(/^Checked in by Admin: Cleo, until 11:30/)
      expect(whoIsOut(story)).to.deep.equal(['Cleo'])
    })
  })
