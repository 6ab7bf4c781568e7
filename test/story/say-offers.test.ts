// An admin answers a member's words with the app's own reply: only `say` reaches members, so it is offered.
import { expect } from 'chai'
import type { Person } from '../../src/core/address.ts'
import type { Store } from '../../src/ports/store.ts'
import { StoreError } from '../../src/ports/store.ts'
import { MO, Story } from '../support/story.ts'

const asha: Person = { id: '@asha:hs', name: 'Asha', role: 'owner' }
const ben: Person = { id: '@ben:hs', name: 'Ben', role: 'admin' }
const rita: Person = { id: '@rita:hs', name: 'Rita', role: 'read-only' }

describe('an answer to a member’s words', () => {
  let story: Story
  let words: number
  /** The records that cannot be saved now. What comes in can be stored all the same. */
  let refused: RegExp | undefined
  /** How often a save is done and whoever saves is not told so. */
  let answersLost: number

  const under = (store: Store): Store => ({
    ...store,
    documents: {
      ...store.documents,
      write: async (document) => {
        if (refused?.test(document.id)) throw new StoreError('not-primary', 'the primary has stepped down')
        await store.documents.write(document)
        if (answersLost-- > 0) throw new StoreError('timeout', 'no answer')
      },
    },
  })

  beforeEach(async () => {
    refused = undefined
    answersLost = 0
    story = new Story({ store: under })
    await story.starts()
    await story.phone().texts('SOS')
    await story.phone().texts('by the bridge')
    words = (await story.messages()).findLast(({ text }) => text.includes('> by the bridge'))?.n ?? 0
  })
  afterEach(() => story.stops())
  const said = (pattern: RegExp): Promise<number> => story.times(MO, pattern)

  it('is offered to be sent, and is sent when the same admin says yes', async () => {
    await story.admin('Which side of it?', asha, words)
    await story.roomHears(/^Only say reaches Mo Member\. .*Write: yes\. Or: say 1 and your words\.$/)
    expect(await said(/Which side/)).to.equal(0)
    await story.admin('yes', ben)
    expect(await said(/Which side/), 'Ben was not asked').to.equal(0)
    await story.admin('Yes.', asha)
    await story.phone().hears(/^From the people watching, 11:00: Which side of it\?/)
    await story.admin('yes', asha)
    expect(await said(/Which side/), 'once').to.equal(1)
  })

  it('is not sent by a yes that comes late, nor offered to who only reads, nor for another message', async () => {
    await story.admin('Which side of it?', asha, words)
    await story.forward('11m')
    await story.admin('yes', asha)
    expect(await said(/Which side/)).to.equal(0)
    const offers = await story.times('room', /^Only say reaches/)
    await story.admin('I go there', rita, words)
    const toPhone = (await story.messages()).find(({ to }) => to === MO)?.n
    await story.admin('I go there', ben, toPhone)
    await story.admin('x'.repeat(500), ben, words)
    expect(await story.times('room', /^Only say reaches/)).to.equal(offers)
  })

  it('is an order all the same if it is one', async () => {
    await story.admin('take 1', ben, words)
    await story.roomHears(/^#1 TAKEN by Ben/)
    expect(await story.times('room', /^Only say reaches/)).to.equal(0)
  })

  for (const [trouble, begins] of [
    ['cannot save', () => (refused = /./)],
    ['saves and loses the answer', () => (answersLost = 2)],
    [
      'cannot save the alarm of somebody else',
      async () => {
        await story.register('Fifi', { channel: 'simulator', address: '+447700900007' })
        refused = /Fifi$/
        await story.phone('+447700900007').texts('SOS')
        await story.roomHears(/^#2 SOS/)
      },
    ],
  ] as const)
    it(`is sent once when the yes meets a store that ${trouble} for some seconds`, async () => {
      await story.admin('Which side of it?', asha, words)
      await begins()
      await story.admin('Yes.', asha)
      await story.forward('3s')
      if (refused) expect(await said(/Which side/), 'not yet').to.equal(0)
      refused = undefined
      await story.forward('5s')
      await story.admin('yes', asha)
      await story.forward('5s')
      expect(await said(/Which side of it\?/)).to.equal(1)
      await story.roomHears(/^Sent to Mo Member/)
    })

  it('is sent by a yes that came in time and could be read only later', async () => {
    await story.admin('Which side of it?', asha, words)
    refused = /./
    await story.admin('note 1 red tent', asha)
    await story.admin('yes', asha)
    await story.forward('11m')
    refused = undefined
    await story.forward('5s')
    expect(await said(/Which side/)).to.equal(1)
  })

  it('is not sent by a yes that was written before the offer could be made, nor by itself', async () => {
    refused = /./
    await story.admin('Which side of it?', asha, words)
    await story.forward('1s')
    await story.admin('yes', asha)
    await story.admin('yes', ben, words)
    await story.forward('3s')
    refused = undefined
    await story.forward('5s')
    expect(await story.times('room', /^Only say reaches/)).to.equal(2)
    expect(await said(/Which side|: yes/)).to.equal(0)
  })
})
