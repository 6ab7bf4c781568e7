import { expect } from 'chai'
import { createOverview } from '../../src/app/overview.ts'
import type { StoreTrouble } from '../../src/app/stamp.ts'
import { createStoreTrouble } from '../../src/app/store-trouble.ts'
import { MINUTE } from '../../src/core/time.ts'
import { silent } from '../support/memory-ports.ts'
import { ELEVEN } from '../support/story.ts'
import { virtualClock } from '../support/virtual-clock.ts'

describe('that nothing can be saved', () => {
  it('is not said by a kernel that was frozen for long, and finds in one moment that it takes so long and is over', async () => {
    const clock = virtualClock(ELEVEN)
    const said: string[] = []
    const trouble: StoreTrouble = { since: clock.now() - 5 * MINUTE, code: 'hangs' }
    const { look } = createStoreTrouble({
      stamp: { trouble: () => trouble },
      room: {
        send: ({ text }) => {
          said.push(text)
          return Promise.resolve({ readers: 1 })
        },
      },
      overview: createOverview(),
      texts: { render: (body) => body.map(({ key }) => key).join(' ') },
      language: 'en',
      clock,
      log: silent.log,
    })
    await look()
    expect(said).to.deep.equal([])
    await look()
    expect(said, 'it lasts').to.deep.equal(['room.trouble room.trouble.store'])
  })
})
