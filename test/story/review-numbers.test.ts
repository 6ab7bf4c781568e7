import { expect } from 'chai'
import { tell } from '../support/story.ts'

describe('an incident’s number', () => {
  it('is one incident’s for ever, also when the next is raised in the very save that closes it', async () => {
    const story = await tell()
    const id = await story.register('Fifi', { channel: 'simulator', address: '+447700900002' })
    const { members } = story.engine.house
    const at = story.clock.now()
    const via = { channel: 'simulator', address: '+447700900002' } as const
    const sos = (inboundId: string): ReturnType<typeof members.apply> =>
      members.apply(id, {
        type: 'said',
        at,
        inboundId,
        via,
        command: { type: 'sos' },
        danger: false,
        words: 'SOS',
        saidAt: at,
        watch: {},
      })
    const by = { id: '@asha:x', name: 'Asha' }
    // The first is being saved while the others wait: those are one save.
    await Promise.all([
      members.apply(id, { type: 'ordered', at, saidAt: at, inboundId: 'o1', by, order: { type: 'in' } }),
      sos('s1'),
      members.apply(id, {
        type: 'ordered',
        at,
        saidAt: at,
        inboundId: 'o2',
        by,
        order: { type: 'resolve', outcome: 'reached' },
      }),
      sos('s2'),
    ])
    await story.settled()
    const member = await members.read(id)
    expect(member?.past.map((p) => p.number)).to.deep.equal([1])
    expect(member?.incident?.number).to.equal(2)
    expect(member?.incident?.id).not.to.equal(member?.past[0]?.id)
    await story.roomHears(/^#2 SOS: Fifi/)
  })
})
