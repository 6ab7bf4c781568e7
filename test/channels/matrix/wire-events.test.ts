import { expect } from 'chai'
import { eventsIn } from '../../../src/channels/matrix/wire-events.ts'

const event = { event_id: '$1', type: 'm.room.message', sender: '@asha:example.org', content: { body: 'hello' } }

describe('the events of an answer', () => {
  it('are taken as they are, without what the server adds', () => {
    const unsigned = { transaction_id: 't1', age: 7, prev_content: { body: 'x' } }
    expect(eventsIn([{ ...event, unsigned }])).to.deep.equal([{ ...event, unsigned: { transaction_id: 't1' } }])
    expect(eventsIn([{ ...event, state_key: '' }])).to.deep.equal([{ ...event, state_key: '' }])
  })

  it('are left out where they can be none', () => {
    const long = 'x'.repeat(256)
    const none = [
      ...[null, 7, 'event', [], {}],
      ...[{ event_id: long }, { type: 7 }, { sender: undefined }, { state_key: long }, { state_key: 7 }].map((it) => ({
        ...event,
        ...it,
      })),
      ...[undefined, null, 'text', [], { body: 'x'.repeat(65_536) }].map((content) => ({ ...event, content })),
    ]
    expect(eventsIn([...none, event])).to.deep.equal([event])
    for (const given of [undefined, null, 7, {}]) expect(eventsIn(given)).to.deep.equal([])
  })
})
