import { expect } from 'chai'
import { MINUTE, SECOND } from '../../src/core/time.ts'
import type { Heard, InboxItem } from '../../src/ports/inbox.ts'
import { Line } from '../support/outside.ts'
import { ELEVEN, MO, tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'

const FIFI = { channel: 'sms', address: '+447700900002' } as const

const said = (text: string, sentAt?: number): Heard => ({
  type: 'message',
  from: FIFI,
  text,
  ...(sentAt !== undefined && { sentAt }),
})

/** As a webhook stores it: the provider's time is not told. */
const byWebhook = (n: number, text: string, receivedAt: number): InboxItem => ({
  id: `sms:${n}`,
  sender: `sms:${FIFI.address}`,
  receivedAt,
  heard: said(text),
})

const ADMIN = { id: '@admin:simulator', name: 'Admin' }

const order = (n: number, text: string, receivedAt: number): InboxItem => ({
  id: `order:${n}`,
  sender: ADMIN.id,
  receivedAt,
  heard: { type: 'order', by: ADMIN, text },
})

const world = async (): Promise<{ story: Story; sms: Line }> => {
  const sms = new Line('sms')
  const story = await tell({ channels: (inbox, clock) => [sms.open(inbox, clock)] })
  await story.register('Fifi', FIFI)
  return { story, sms }
}

describe('the backlog after a death', () => {
  it('is applied as it was said, though a list tells whole seconds and a webhook no time at all', async () => {
    const { story, sms } = await world()
    await story.store.inbox.put(byWebhook(1, 'IN 60', ELEVEN + 300))
    // Sent 0.4 s later, while nobody was there.
    sms.kept.push({ id: 'sms:1', heard: said('IN 60', ELEVEN) }, { id: 'sms:2', heard: said('OUT', ELEVEN) })
    await story.crashesAndRestarts()
    sms.heard(FIFI.address, /^OUT noted/)
    await story.forward('2h')
    expect(await story.times('room', /OVERDUE/)).to.equal(0)
  })

  it('begins with what was not heard at once, when a later text came by webhook', async () => {
    const { story, sms } = await world()
    await story.store.inbox.put(byWebhook(2, 'OUT', ELEVEN + 700))
    sms.kept.push({ id: 'sms:1', heard: said('IN 60', ELEVEN) }, { id: 'sms:2', heard: said('OUT', ELEVEN) })
    await story.crashesAndRestarts()
    sms.heard(FIFI.address, /^OUT noted/)
    await story.forward('2h')
    expect(await story.times('room', /OVERDUE/)).to.equal(0)
  })

  it('keeps its order although the clock was set back between two lives', async () => {
    const { story, sms } = await world()
    await story.store.inbox.put(byWebhook(1, 'IN 60', ELEVEN + 10 * MINUTE))
    await story.store.inbox.put(byWebhook(2, 'OUT', ELEVEN + 5 * SECOND))
    await story.crashesAndRestarts()
    sms.heard(FIFI.address, /^OUT noted/)
    expect(story.engine.house.overview.out()).to.deep.equal([])
  })

  it('alarms for a visit that was begun in the second of the last OUT, and that nobody heard of in time', async () => {
    const { story, sms } = await world()
    await story.phone(FIFI.address, 'sms').texts('IN 60')
    await story.forward('10m')
    await story.passes(400)
    await story.phone(FIFI.address, 'sms').texts('OUT')
    sms.kept.push({ id: 'sms:9', heard: said('IN 10', ELEVEN + 10 * MINUTE) })
    await story.crashesAndRestarts('20m')
    await story.roomHears(/^#1 OVERDUE, unconfirmed: Fifi/)
  })

  it('keeps an order in its place among the messages of members', async () => {
    const { story } = await world()
    await story.phone(FIFI.address, 'sms').texts('IN 60')
    await story.store.inbox.put(byWebhook(1, 'OUT', ELEVEN + 30 * MINUTE))
    await story.store.inbox.put(order(1, 'in Fifi 60', ELEVEN + 31 * MINUTE))
    await story.crashesAndRestarts('32m')
    await story.roomHears(/^Checked in by Admin: Fifi, until 12:31/)
    expect(story.engine.house.overview.out()).to.have.length(1)
  })

  it('counts the time that an admin gave from when it was written, as it does for a member', async () => {
    const { story, sms } = await world()
    await story.store.inbox.put(order(1, 'in Fifi 30', ELEVEN + MINUTE))
    await story.crashesAndRestarts('20m')
    await story.roomHears(/^Checked in by Admin: Fifi, until 11:31/)
    sms.heard(FIFI.address, /OUT by 11:31/)
    await story.forward('12m')
    await story.roomHears(/^#1 OVERDUE, unconfirmed: Fifi/)
  })

  it('alarms at once for a time that an admin gave and that has run out since', async () => {
    const { story, sms } = await world()
    await story.store.inbox.put(order(1, 'in Fifi 10', ELEVEN + MINUTE))
    await story.crashesAndRestarts('20m')
    await story.roomHears(/^#1 OVERDUE, unconfirmed: Fifi/)
    sms.heard(FIFI.address, /^No OUT by 11:11/)
    expect(sms.sent.filter(({ text }) => text.includes('checked you in'))).to.deep.equal([])
  })

  it('watches for what is left of a time that an admin gave, whatever came since', async () => {
    const { story, sms } = await world()
    await story.forward('10m')
    await story.phone(FIFI.address, 'sms').texts('OUT')
    await story.engine.inbox.put(order(1, 'in Fifi 30', ELEVEN + MINUTE))
    await story.settled()
    sms.heard(FIFI.address, /OUT by 11:31/)
    await story.forward('22m')
    await story.roomHears(/^#1 OVERDUE, unconfirmed: Fifi/)
  })

  it('does not alarm for a time that an admin gave where the OUT of that visit was applied before', async () => {
    const { story, sms } = await world()
    await story.forward('10m')
    await story.phone(FIFI.address, 'sms').texts('OUT')
    sms.heard(FIFI.address, /you were not checked in/)
    await story.engine.inbox.put(order(1, 'in Fifi 5', ELEVEN + MINUTE))
    await story.settled()
    await story.roomHears(/^Not done: 11:06 has passed/)
    await story.forward('1h')
    expect(await story.times('room', /OVERDUE/)).to.equal(0)
  })

  it('ends no SOS by an order that was given before it', async () => {
    const { story, sms } = await world()
    await story.phone(FIFI.address, 'sms').texts('IN 10')
    await story.forward('11m')
    await story.roomHears(/^#1 OVERDUE/)
    await story.store.inbox.put(order(1, 'resolve 1 home', ELEVEN + 12 * MINUTE))
    sms.kept.push({ id: 'sms:9', heard: said('SOS', ELEVEN + 13 * MINUTE) })
    await story.crashesAndRestarts('3m')
    await story.roomHears(/^#1 CLOSED by Admin: home/)
    await story.roomHears(/^#2 SOS: Fifi/)
    expect(story.engine.house.overview.incidents()).to.have.length(1)
  })

  it('shows the whole of a cry for help that came while nobody watched', async () => {
    const { story, sms } = await world()
    const cry = `SOS ${'under the bridge by the river '.repeat(12)}on the left bank`
    sms.kept.push({ id: 'sms:9', heard: said(cry, ELEVEN + SECOND) })
    await story.crashesAndRestarts('3m')
    expect(await story.roomHears(/^#1 SOS: Fifi/)).to.contain(cry)
    await story.forward('5m')
    expect(await story.roomHears(/^#1 SOS: Fifi/), 'a repeat').to.not.contain('left bank')
  })

  it('does not hold up the others for long because of one that cannot be applied', async () => {
    const { story, sms } = await world()
    await story.store.inbox.put(byWebhook(1, 'IN 60', ELEVEN + SECOND))
    await story.store.inbox.put(order(1, 'members', ELEVEN + 2 * SECOND))
    story.options.store = (store) => {
      const find: typeof store.addresses.find = (address) =>
        address.channel === 'sms' ? new Promise(() => undefined) : store.addresses.find(address)
      return { ...store, addresses: { ...store.addresses, find } }
    }
    await story.crashesAndRestarts()
    await story.roomHears(/^2 members/)
    expect(sms.sent).to.have.length(0)
  })

  it('tells nobody that nothing is open because an order is found a second time', async () => {
    const { story } = await world()
    await story.phone().texts('SOS')
    const done = story.store.inbox.done
    story.store.inbox.done = () => new Promise(() => undefined)
    await story.put({ type: 'order', by: ADMIN, text: 'resolve 1 home' }, 'order:1')
    await story.roomHears(/^#1 CLOSED by Admin: home/)
    story.store.inbox.done = done
    await story.crashesAndRestarts()
    expect(await story.times('room', /^#1 CLOSED/)).to.equal(1)
    expect(await story.times('room', /Nothing is open/)).to.equal(0)
  })

  it('has happened: the clock goes on from the last text that was stored', async () => {
    const story = await tell()
    const from = { channel: 'simulator', address: MO } as const
    const heard = { type: 'message', from, text: 'OK' } as const
    await story.store.inbox.put({ id: 'sim:1', sender: `simulator:${MO}`, receivedAt: ELEVEN + 10 * MINUTE, heard })
    const set: number[] = []
    Object.assign(story.clock, { atLeast: (at: number) => void set.push(at) })
    await story.crashesAndRestarts()
    expect(set).to.deep.equal([ELEVEN + 10 * MINUTE])
  })
})
