import { expect } from 'chai'
import { createReplays, messageIndex } from '../../../src/channels/matrix/replays.ts'
import { DAY } from '../../../src/core/time.ts'
import { memoryValues } from '../../support/memory-values.ts'

const NOON = Date.parse('2026-11-25T12:00:00Z')

describe('A message of the room is heard once', () => {
  it('the first time it is new, under another event it is a replay, the same event again is no news', () => {
    const replays = createReplays(memoryValues())
    expect(replays.look('s', 4, '$a', NOON)).to.equal('first')
    replays.mark('s', 4, '$a', NOON)
    expect(replays.look('s', 4, '$b', NOON)).to.equal('replayed')
    expect(replays.look('s', 4, '$a', NOON)).to.equal('same-event')
    expect(replays.look('s', 5, '$b', NOON)).to.equal('first')
    expect(replays.look('t', 4, '$b', NOON)).to.equal('first')
  })

  it('also after a restart', () => {
    const values = memoryValues()
    createReplays(values).mark('s', 4, '$a', NOON)
    expect(createReplays(values).look('s', 4, '$b', NOON)).to.equal('replayed')
    expect(createReplays(values).look('s', 4, '$a', NOON)).to.equal('same-event')
  })

  it('what was looked at and not stored is still new', () => {
    const replays = createReplays(memoryValues())
    replays.look('s', 1, '$a', NOON)
    expect(replays.look('s', 1, '$a', NOON)).to.equal('first')
  })

  it('an old session is refused whole, and costs nothing but its name', () => {
    const values = memoryValues()
    const replays = createReplays(values)
    replays.mark('old', 1, '$a', NOON)
    const later = NOON + 31 * DAY
    expect(replays.look('old', 2, '$b', later)).to.equal('too-old')
    replays.mark('new', 0, '$c', later)
    expect([...values.all().keys()].filter((key) => key.endsWith(':old'))).to.deep.equal([])
    expect(createReplays(values).look('old', 1, '$d', later)).to.equal('too-old')
    expect(createReplays(values).look('new', 0, '$d', later)).to.equal('replayed')
  })

  it('the index is read from the ciphertext', () => {
    const cipher = (...bytes: number[]): string => Buffer.from([3, 8, ...bytes, 18, 16, 1, 2, 3]).toString('base64')
    expect(messageIndex(cipher(0))).to.equal(0)
    expect(messageIndex(cipher(99))).to.equal(99)
    expect(messageIndex(cipher(0xac, 0x02))).to.equal(300)
    for (const wrong of [
      undefined,
      7,
      '',
      '!!',
      Buffer.from([2, 8, 1]).toString('base64'),
      cipher(0xff, 0xff, 0xff, 0xff, 0xff),
    ])
      expect(messageIndex(wrong), String(wrong)).to.equal(undefined)
  })
})
