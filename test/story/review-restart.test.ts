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
