// Before an alarm is raised, what the member has said goes first, if it can be heard in time.
import { expect } from 'chai'
import type { Fence } from '../../src/app/fence.ts'
import { StoreError } from '../../src/ports/store.ts'
import { inOffice } from '../support/in-office.ts'
import { ELEVEN, MO, ms, tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'
import { inRoom, walkers } from '../support/walkers.ts'

const CLEO = { channel: 'simulator', address: '+447700900003' } as const
const DUE = ELEVEN + ms('30m')

/** Mo is out until half past eleven; it is a tenth of a second before. Whose texts are held is applied only when `goOn` is called. */
const beforeTheDeadline = async (fence?: Fence): Promise<{ story: Story; hold: (address: string) => () => void }> => {
  const held = new Map<string, Promise<unknown>>()
  const story = await tell({
    ...(fence && { fence }),
    store: (store) => ({
      ...store,
      addresses: {
        ...store.addresses,
        find: async (address) => {
          await held.get(address.address)
          return store.addresses.find(address)
        },
      },
    }),
  })
  await story.register('Cleo', CLEO)
  await story.phone().texts('IN until 11:30')
  await story.clock.forward(DUE - 100 - story.clock.now(), () => story.settled())
  const hold = (address: string): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    held.set(address, promise)
    return () => {
      held.delete(address)
      resolve(undefined)
    }
  }
  return { story, hold }
}

const alarmedAt = async (story: Story): Promise<number | undefined> =>
  (await inRoom(story)).find(({ text }) => /^#1 OVERDUE/.test(text))?.at

for (const [who, fence] of [
  ['one kernel', undefined],
  ['one of several', inOffice()],
] as const)
  describe(`a deadline, watched by ${who}`, () => {
    it('waits a little for an OUT that came before it and is in line: no alarm', async () => {
      const { story, hold } = await beforeTheDeadline(fence)
      const goOn = hold(MO)
      await story.phone().texts('OUT')
      await story.clock.forward(400, () => story.settled())
      goOn()
      await story.forward('2s')
      expect(await alarmedAt(story)).to.equal(undefined)
      await story.phone().hears(/^OUT noted/)
    })

    it('waits no longer than half a second for what cannot be applied', async () => {
      const { story, hold } = await beforeTheDeadline(fence)
      hold(MO)
      await story.phone().texts('behind the mill')
      await story.forward('5s')
      expect(await alarmedAt(story)).to.be.within(DUE, DUE + 500)
    })

    it("does not wait for other people's texts", async () => {
      const { story, hold } = await beforeTheDeadline(fence)
      hold(CLEO.address)
      await story.phone(CLEO.address).texts('IN 10')
      await story.forward('5s')
      expect(await alarmedAt(story)).to.equal(DUE)
    })
  })

describe('a deadline, when the inbox cannot be read', () => {
  it('waits for an OUT that is here already', async () => {
    const { story, hold } = await beforeTheDeadline(inOffice())
    const goOn = hold(MO)
    await story.phone().texts('OUT')
    const pending = story.store.inbox.pending
    story.store.inbox.pending = () => Promise.reject(new StoreError('mongodb-unreachable', 'an election'))
    await story.clock.forward(400, () => story.settled())
    goOn()
    story.store.inbox.pending = pending
    await story.forward('2s')
    expect(await alarmedAt(story)).to.equal(undefined)
    await story.phone().hears(/^OUT noted/)
  })
})

describe('many deadlines at once', () => {
  it('do not wait one after the other for an inbox that cannot be read', async () => {
    let isSilent = false
    const story = await tell({
      fence: inOffice(),
      store: (store) => ({
        ...store,
        inbox: {
          ...store.inbox,
          pending: (known) => (isSilent ? new Promise(() => undefined) : store.inbox.pending(known)),
        },
      }),
    })
    const all = await walkers(story, 100)
    for (const { address } of all) await story.phone(address).texts('in until 11:30')
    await story.clock.forward(DUE - 5_000 - story.clock.now(), () => story.settled())
    isSilent = true
    await story.forward('7s')
    expect(story.engine.house.overview.incidents()).to.have.length(100)
    const heard = (await inRoom(story)).filter(({ text }) => /^#\d+ (OVERDUE|ROLL-CALL)/.test(text))
    expect(heard[0]?.at).to.be.within(DUE, DUE + 500)
  })
})
