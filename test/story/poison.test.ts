import { expect } from 'chai'
import type { Address } from '../../src/core/address.ts'
import type { Store } from '../../src/ports/store.ts'
import type { CommandWords } from '../../src/core/commands/words.ts'
import { commandWords } from '../../src/i18n/command-words.ts'
import { MO, tell } from '../support/story.ts'

/** A member whose address makes the code fall over. */
const cursed = '+447700900013'
const curse =
  (state: { on: boolean }) =>
  (store: Store): Store => ({
    ...store,
    addresses: {
      ...store.addresses,
      find: (address: Address) =>
        state.on && address.address === cursed ? Promise.reject(new TypeError('a bug')) : store.addresses.find(address),
    },
  })

describe('a message that cannot be handled', () => {
  it('goes to the room raw after three failures, loudly, and never into silence', async () => {
    const story = await tell({ store: curse({ on: true }) })
    await story.phone(cursed).texts('help me I am at the mill')
    await story.forward('5s')
    expect(
      await story.roomHears(/^PLEASE READ: imok could not handle this message. From \+447700900013, 11:00/),
    ).to.match(/help me I am at the mill/)
    expect(await story.store.inbox.pending()).to.deep.equal([])
    await story.forward('10m')
    expect(await story.times('room', /could not handle/)).to.equal(1)
  })

  it('goes to the room also when not even its place in line can be found, and keeps nobody from watching', async () => {
    let isBroken = false
    const wordsOf = (language: string): CommandWords => {
      if (isBroken) throw new TypeError('a file that cannot be read')
      return commandWords(language)
    }
    const story = await tell({ wordsOf })
    await story.phone().texts('IN 60')
    isBroken = true
    const put = story.phone().texts('I am at the mill')
    expect(await put.then(() => 'stored', String)).to.equal('stored')
    await story.forward('5s')
    await story.roomHears(/^PLEASE READ: imok could not handle this message[^]*I am at the mill/)
    await story.store.inbox.put({
      id: 'stored:1',
      sender: `simulator:${MO}`,
      receivedAt: story.clock.now(),
      heard: { type: 'message', from: { channel: 'simulator', address: MO }, text: 'behind the mill' },
    })
    await story.crashesAndRestarts('1s')
    await story.forward('5s')
    await story.roomHears(/^PLEASE READ[^]*behind the mill/)
    expect(story.engine.kernel.isReady()).to.equal(true)
  })

  it('holds up no other sender, and not the same one’s next', async () => {
    const state = { on: true }
    const story = await tell({ store: curse(state) })
    await story.register('Fifi', { channel: 'simulator', address: cursed })
    await story.phone(cursed).texts('IN 60')
    await story.phone().texts('IN 60')
    await story.phone().hears(/OUT by 12:00/)
    await story.forward('5s')
    state.on = false
    await story.phone(cursed).texts('SOS')
    await story.roomHears(/^#1 SOS: Fifi/)
  })

  it('failures are counted across a crash', async () => {
    const story = await tell({ store: curse({ on: true }) })
    let rest = 0
    const failed = story.store.inbox.failed
    story.store.inbox.failed = async (id) => {
      const count = await failed(id)
      rest = count
      if (count === 2) story.store.crash()
      return count
    }
    await story.phone(cursed).texts('hello')
    expect(rest).to.equal(2)
    await story.crashesAndRestarts('1s')
    await story.forward('5s')
    expect(await story.times('room', /could not handle/)).to.equal(1)
  })

  it('the watch over everybody goes on', async () => {
    const story = await tell({ store: curse({ on: true }) })
    await story.phone().texts('IN 10')
    await story.phone(cursed).texts('hello')
    await story.forward('10m')
    await story.roomHears(/^#1 OVERDUE, unconfirmed: Mo Member/)
    await story.phone().texts('OUT')
    expect(await story.times(MO, /OUT noted/)).to.equal(1)
  })

  it('is not tried in a circle when even the room cannot be told of it, and reaches the room when it can', async () => {
    let broken = false
    let tries = 0
    const story = await tell({
      store: (store) => ({
        ...curse({ on: true })(store),
        documents: {
          ...store.documents,
          write: (document) => {
            if (document.kind === 'group') tries++
            return document.kind === 'group' && broken
              ? Promise.reject(new TypeError('a bug'))
              : store.documents.write(document)
          },
        },
      }),
    })
    broken = true
    tries = 0
    await story.phone(cursed).texts('hello')
    await story.forward('10s')
    expect(tries).to.be.within(5, 15)
    broken = false
    await story.forward('2s')
    expect(await story.times('room', /could not handle/)).to.equal(1)
  })
})
