import { expect } from 'chai'
import type { Store } from '../../src/ports/store.ts'
import { hangs } from '../support/outside.ts'
import type { Story } from '../support/story.ts'
import { MO, tell } from '../support/story.ts'

/** A store that stops in the middle: from `stuck` on, saving a member or marking a message as done never ends. */
const stopping = async (): Promise<{ story: Story; stuck: { at?: 'save' | 'done' } }> => {
  const stuck: { at?: 'save' | 'done' } = {}
  const never = (): Promise<never> => hangs('', '') as Promise<never>
  const store = (it: Store): Store => ({
    ...it,
    documents: {
      ...it.documents,
      write: (document) => (stuck.at === 'save' && document.kind === 'member' ? never() : it.documents.write(document)),
    },
    inbox: { ...it.inbox, done: (id) => (stuck.at === 'done' ? never() : it.inbox.done(id)) },
  })
  return { story: await tell({ store }), stuck }
}

describe('a message that was acknowledged', () => {
  it('is applied by the next kernel if this one died before what it changed was saved', async () => {
    const { story, stuck } = await stopping()
    stuck.at = 'save'
    await story.phone().texts('SOS')
    expect(await story.room()).to.deep.equal([])
    delete stuck.at
    await story.crashesAndRestarts()
    await story.roomHears(/^#1 SOS: Mo Member/)
    await story.phone().hears(/Alert sent/)
  })

  it('changes nothing more if the kernel died between applying it and noting that it is done', async () => {
    const { story, stuck } = await stopping()
    stuck.at = 'done'
    await story.phone().texts('IN 60')
    await story.phone().hears(/OUT by 12:00/)
    delete stuck.at
    await story.crashesAndRestarts('5m')
    expect(await story.times(MO, /^Noted/), 'answered once').to.equal(1)
    await story.phone().texts('SOS')
    await story.roomHears(/^#1 SOS: Mo Member[^]*due 12:00/)
    expect(await story.store.inbox.pending()).to.deep.equal([])
  })
})
