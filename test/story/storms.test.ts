import { expect } from 'chai'
import { tell } from '../support/story.ts'

describe('a storm', () => {
  it('three at one place', async () => {
    const story = await tell()
    const phones = ['+447700900002', '+447700900003', '+447700900004', '+447700900005']
    for (const [n, address] of phones.entries())
      await story.register(`Walker ${String.fromCharCode(65 + n)}`, { channel: 'simulator', address })
    for (const address of phones) await story.phone(address).texts('in until 12:00')
    await story.forward('61m')
    await story.forward('4m')
    await story.forward('6m')
    console.log((await story.messages()).map((m) => `${m.at} ${m.to}: ${m.text}`).join('\n'))
    expect(1).to.equal(1)
  })
})
