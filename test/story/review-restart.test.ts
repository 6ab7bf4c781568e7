import { expect } from 'chai'
import { MINUTE, SECOND } from '../../src/core/time.ts'
import type { Channel } from '../../src/ports/channel.ts'
import { StoreError } from '../../src/ports/store.ts'
import type { Store } from '../../src/ports/store.ts'
import { Line } from '../support/outside.ts'
import { ELEVEN, tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'

const FIFI = '+447700900002'

/** When the room first heard it, in milliseconds after eleven. */
const heardAt = async (story: Story, pattern: RegExp): Promise<number> => {
  const found = (await story.messages()).find((m) => m.to === 'room' && pattern.test(m.text))
  return Date.parse(found?.at ?? '') - ELEVEN
}

/** A store in which one record cannot be read: its owner's messages cannot be applied. */
const damaged =
  (broken: { id?: string }, code: string) =>
  (store: Store): Store => {
    const read = (id: string): ReturnType<Store['documents']['read']> =>
      id === broken.id ? Promise.reject(new StoreError(code, 'cannot be read')) : store.documents.read(id)
    return { ...store, documents: { ...store.documents, read } }
  }

describe('after a restart nothing holds up the alarms', () => {
  it('a provider that hangs when it is started and when it is read costs 10 s once', async () => {
    const story = await tell()
    await story.phone().texts('IN 30')
    const hanging = (): Promise<never> => new Promise<never>(() => undefined)
    const sms = new Line('sms')
    sms.reading = hanging
    Object.assign(story.options, {
      channels: (...given: Parameters<Line['open']>): Channel[] => [{ ...sms.open(...given), start: hanging }],
    })
    await story.crashesAndRestarts('45m')
    expect(await heardAt(story, /^#1 OVERDUE/)).to.be.within(45 * MINUTE, 45 * MINUTE + 11 * SECOND)
  })

  for (const code of ['damaged', 'undecryptable', 'newer-schema', 'EIO']) {
    it(`a message for a record that cannot be read (${code}) delays them by 10 s at most`, async () => {
      const broken: { id?: string } = {}
      const story = await tell({ store: damaged(broken, code) })
      const id = await story.register('Fifi', { channel: 'simulator', address: FIFI })
      await story.phone().texts('IN 30')
      const heard = { type: 'message', from: { channel: 'simulator', address: FIFI }, text: 'SOS at the mill' } as const
      await story.store.inbox.put({ id: 'sim:9', sender: `simulator:${FIFI}`, receivedAt: story.clock.now(), heard })
      broken.id = id
      await story.crashesAndRestarts('45m')
      expect(await heardAt(story, /^#1 OVERDUE/)).to.be.within(45 * MINUTE, 45 * MINUTE + 11 * SECOND)
    })
  }

  for (const code of ['damaged', 'undecryptable', 'newer-schema']) {
    it(`and the cry for help of whoever has such a record (${code}) goes to the room raw`, async () => {
      const broken: { id?: string } = {}
      const story = await tell({ store: damaged(broken, code) })
      broken.id = await story.register('Fifi', { channel: 'simulator', address: FIFI })
      // Nobody has it in memory any more.
      await story.crashesAndRestarts('1s')
      await story.phone(FIFI).texts('SOS at the mill')
      await story.forward('5s')
      expect(await story.roomHears(/^PLEASE READ: imok could not handle this message/)).to.match(/SOS at the mill/)
      expect(await story.store.inbox.pending()).to.deep.equal([])
    })
  }
})

describe('a record of the group that a newer imok wrote', () => {
  for (const ids of [['watch'], ['group'], ['watch', 'group']])
    it(`keeps nobody from being watched over (${ids.join(' and ')}), and stops the heartbeat`, async () => {
      let isNewer = false
      let beats = 0
      const ping = (): Promise<void> => {
        beats++
        return Promise.resolve()
      }
      const story = await tell({
        heartbeat: { ping },
        store: (store) => ({
          ...store,
          documents: {
            ...store.documents,
            read: (id) =>
              isNewer && ids.includes(id)
                ? Promise.reject(new StoreError('newer-schema', `document ${id} is newer`))
                : store.documents.read(id),
          },
        }),
      })
      await story.phone().texts('IN 30')
      isNewer = true
      await story.crashesAndRestarts('45m')
      expect(await heardAt(story, /^#1 OVERDUE/)).to.be.within(45 * MINUTE, 45 * MINUTE + 11 * SECOND)
      await story.forward('5m')
      const last = beats
      await story.forward('5m')
      expect(beats - last).to.equal(0)
      await story.admin('take 1')
      expect(await story.times('room', /^#1 TAKEN/)).to.equal(1)
    })

  it('blocks nobody: an IN while nobody is on duty, a stranger, an order with an answer, and then an OUT, an SOS and a take', async () => {
    let isNewer = false
    const story = await tell({
      watch: () => ({ trouble: 'nobody-on-duty' }),
      store: (store) => ({
        ...store,
        documents: {
          ...store.documents,
          read: (id) =>
            isNewer && id === 'group'
              ? Promise.reject(new StoreError('newer-schema', `document ${id} is newer`))
              : store.documents.read(id),
        },
      }),
    })
    isNewer = true
    await story.crashesAndRestarts('1s')
    await story.phone().texts('IN 30')
    await story.phone(FIFI).texts('who is this')
    await story.admin('board')
    await story.forward('10s')
    await story.phone().texts('OUT')
    await story.phone().hears(/^OUT noted/)
    await story.phone().texts('SOS')
    await story.roomHears(/^#1 SOS/)
    await story.admin('take 1')
    await story.forward('10s')
    expect(await story.times('room', /^#1 TAKEN/)).to.equal(1)
    expect(await story.store.inbox.pending()).to.deep.equal([])
  })
})
