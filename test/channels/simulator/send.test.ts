import { expect } from 'chai'
import { SendError } from '../../../src/ports/channel.ts'
import type { Outgoing } from '../../../src/ports/channel.ts'
import { StoreError } from '../../../src/ports/store.ts'
import { simulatorPhones, simulatorRoom } from '../../../src/channels/simulator/send.ts'
import { memorySent, standingClock } from '../../support/memory-ports.ts'

const NOW = Date.UTC(2026, 4, 1, 11, 12, 13, 456)
const MO = { channel: 'simulator', address: '+447700900001' } as const
const message = (id: string, more: Partial<Outgoing> = {}): Outgoing => ({
  id,
  to: MO,
  text: 'noted',
  choices: [],
  urgency: 'answer',
  validity: 60_000,
  since: NOW,
  ...more,
})

describe('The simulator sends', () => {
  const made = () => {
    const sent = memorySent()
    const options = { sent, clock: standingClock(NOW) }
    return { sent, phones: simulatorPhones(options), room: simulatorRoom(options) }
  }

  it('to phones and the room on one list, in order, at the time of the kernel', async () => {
    const { sent, phones, room } = made()
    await phones.send(message('m:1:1'))
    await room.send({ ...message('m:1:2', { text: '#7 SOS: Mo' }), loud: true, purpose: 'alert' })
    expect(await sent.list(0)).to.deep.equal([
      { n: 1, to: '+447700900001', text: 'noted', at: '2026-05-01T11:12:13.456Z' },
      { n: 2, to: 'room', text: '#7 SOS: Mo', at: '2026-05-01T11:12:13.456Z' },
    ])
  })

  it('one entry for each effect id, however often it is sent', async () => {
    const { sent, phones, room } = made()
    const first = await phones.send(message('m:1:1'))
    const again = await phones.send(message('m:1:1'))
    await room.send({ ...message('m:1:2'), loud: true, purpose: 'alert' })
    await room.send({ ...message('m:1:2'), loud: true, purpose: 'alert' })
    expect(sent.entries).to.have.length(2)
    expect(again).to.deep.equal(first)
    expect(phones.doubt).to.equal('same-id')
  })

  it('something else under an id that another kernel has used, where several share the room; and once, too', async () => {
    const { sent } = made()
    const room = simulatorRoom({ sent, clock: standingClock(NOW), isShared: true })
    const says = (text: string) => room.send({ ...message('m:1:2', { text }), loud: true, purpose: 'alert' })
    for (const text of ['#2 OVERDUE: Bert', '#3 OVERDUE: Bert', '#3 OVERDUE: Bert', '#2 OVERDUE: Bert'])
      await says(text)
    expect(sent.entries.map(({ text }) => text)).to.deep.equal(['#2 OVERDUE: Bert', '#3 OVERDUE: Bert'])
  })

  it('once what says less when it is tried again', async () => {
    const { sent } = made()
    const room = simulatorRoom({ sent, clock: standingClock(NOW), isShared: true })
    for (const text of ['#3 ROLL-CALL: 3 members', '#3 ROLL-CALL: 2 members'])
      await room.send({ ...message('m:1:2', { text }), loud: true, purpose: 'alert' })
    expect(sent.entries).to.have.length(1)
  })

  it('buttons by their labels, keeping what each says', async () => {
    const { sent, phones } = made()
    await phones.send(message('m:1:1', { choices: [{ label: 'I am out', says: 'OUT' }] }))
    expect(sent.entries[0]).to.deep.include({ buttons: ['I am out'], says: ['OUT'] })
  })

  it('to one reader in the room', async () => {
    const { room } = made()
    expect((await room.send({ ...message('m:1:1'), loud: true, purpose: 'alert' })).readers).to.equal(1)
    expect(room.readers()).to.equal(1)
  })

  it('the board as no entry', async () => {
    const { sent, room } = made()
    await room.showBoard('Out now: 1')
    expect(sent.entries).to.deep.equal([])
    expect(room.board()).to.equal('Out now: 1')
  })

  it('nothing to a phone that is not simulated', async () => {
    const { sent, phones } = made()
    const to = { channel: 'sms', address: '+447700900001' } as const
    const error = await phones.send(message('m:1:1', { to })).catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(SendError).that.includes({ kind: 'impossible' })
    expect(sent.entries).to.deep.equal([])
  })

  it('and is refused, to be tried again, while the store cannot write', async () => {
    const sent = { ...memorySent(), append: () => Promise.reject(new StoreError('ENOSPC', 'disk full')) }
    const phones = simulatorPhones({ sent, clock: standingClock(NOW) })
    const error = await phones.send(message('m:1:1')).catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(SendError).that.includes({ kind: 'refused', trouble: 'store-ENOSPC' })
  })

  it('and is in doubt when a database did not answer: it may be on the list all the same', async () => {
    for (const code of ['timeout', 'mongodb-unreachable']) {
      const sent = { ...memorySent(), append: () => Promise.reject(new StoreError(code, 'no answer')) }
      const phones = simulatorPhones({ sent, clock: standingClock(NOW) })
      const error = await phones.send(message('m:1:1')).catch((reason: unknown) => reason)
      expect(error)
        .to.be.instanceOf(SendError)
        .that.includes({ kind: 'unknown', trouble: `store-${code}` })
    }
  })
})
