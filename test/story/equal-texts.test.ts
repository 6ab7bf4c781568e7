import { expect } from 'chai'
import type { Channel } from '../../src/ports/channel.ts'
import { tell } from '../support/story.ts'

const FIFI = { channel: 'sms', address: '+447700900002' } as const

describe('two answers of one minute that say the same', () => {
  it('both go out, although a death left the second in doubt', async () => {
    const sent: string[] = []
    let hangs = false
    // Like Twilio: it takes no key of ours, and can only be asked for words.
    const sms: Channel = {
      name: 'sms',
      doubt: 'find',
      send: ({ text }) => {
        if (hangs) return new Promise(() => undefined)
        sent.push(text)
        return Promise.resolve({ providerId: String(sent.length) })
      },
      find: ({ text }, others) => {
        const place = sent.findIndex((one, index) => one === text && !others?.has(String(index + 1)))
        return Promise.resolve(place < 0 ? undefined : { providerId: String(place + 1) })
      },
    }
    const story = await tell({ channels: () => [sms] })
    await story.register('Fifi', FIFI)
    const phone = story.phone(FIFI.address, 'sms')
    await phone.texts('OK')
    hangs = true
    await phone.texts('OK')
    hangs = false
    await story.crashesAndRestarts()
    await story.forward('10s')
    expect(sent).to.have.length(2)
    expect(sent[0]).to.equal(sent[1])
  })
})
