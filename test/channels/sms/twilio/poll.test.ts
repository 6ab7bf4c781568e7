import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { TwilioFault } from '../../../../src/channels/sms/twilio/errors.ts'
import { poll } from '../../../../src/channels/sms/twilio/poll.ts'
import type { Poll } from '../../../../src/channels/sms/twilio/poll.ts'
import { HOUR, MINUTE, SECOND } from '../../../../src/core/time.ts'
import { MO, NOON, handClock, line } from './line.ts'
import type { HandClock } from './line.ts'

describe('Twilio: when to look', () => {
  let out: boolean
  let clock: HandClock
  let looks: Poll
  /** Since when each look read. */
  let since: number[]
  let fault: Error | undefined

  beforeEach(async () => {
    out = false
    fault = undefined
    since = []
    clock = handClock()
    const read = (from: number): Promise<void> => {
      since.push(from)
      return fault ? Promise.reject(fault) : Promise.resolve()
    }
    looks = poll({ clock, somebodyIsOut: () => out, read })
    looks.start()
    await turn()
  })

  const fiveSeconds = async (times = 1): Promise<void> => {
    for (let n = 0; n < times; n++) {
      clock.time += 5 * SECOND
      clock.tick()
      await turn()
    }
  }

  it('at once, every 30 s while nobody is out, every 5 s as soon as somebody is', async () => {
    expect(since).to.have.length(1)
    await fiveSeconds(5)
    expect(since).to.have.length(1)
    await fiveSeconds()
    expect(since).to.have.length(2)
    out = true
    await fiveSeconds(3)
    expect(since).to.have.length(5)
  })

  it('each look overlaps the last good one by 10 minutes', async () => {
    out = true
    await fiveSeconds(2)
    fault = new TwilioFault('http-503')
    await fiveSeconds(100)
    const failed = since.length
    fault = undefined
    await fiveSeconds(12)
    const lastGood = NOON + 10 * SECOND
    expect(since.slice(2, 4)).to.deep.equal([NOON + 5 * SECOND - 10 * MINUTE, lastGood - 10 * MINUTE])
    expect(since.slice(3, failed + 1).every((from) => from === lastGood - 10 * MINUTE)).to.equal(true)
    expect(since[failed + 1]).to.be.above(lastGood - 10 * MINUTE + 500 * SECOND)
  })

  it('backs off on errors to a minute, and is quick again after one good look', async () => {
    out = true
    fault = new TwilioFault('ECONNREFUSED')
    const before = since.length
    await fiveSeconds(1 + 2 + 4 + 8 + 12 + 12)
    expect(since.length - before).to.equal(6)
    fault = undefined
    await fiveSeconds(12)
    const good = since.length
    await fiveSeconds(3)
    expect(since.length - good).to.equal(3)
  })

  it('waits as long as Twilio asks', async () => {
    out = true
    fault = new TwilioFault('http-429', { wait: 2 * MINUTE })
    await fiveSeconds()
    fault = undefined
    const before = since.length
    await fiveSeconds(23)
    expect(since.length).to.equal(before)
    await fiveSeconds()
    expect(since.length).to.equal(before + 1)
  })

  it('is blind after 90 s without a good look, and says so until the next', async () => {
    fault = new TwilioFault('timeout')
    await fiveSeconds(18)
    expect(looks.blindFor()).to.equal(undefined)
    await fiveSeconds()
    expect(looks.blindFor()).to.equal(95 * SECOND)
    fault = undefined
    await fiveSeconds(12)
    expect(looks.blindFor()).to.equal(undefined)
  })

  it('a look that hangs is one look, and makes blind like a failing one', async () => {
    let ended = (): void => undefined
    let begun = 0
    const read = (): Promise<void> => {
      begun++
      return new Promise((resolve) => (ended = resolve))
    }
    const hanging = poll({ clock, somebodyIsOut: () => true, read })
    hanging.start()
    await fiveSeconds(19)
    expect(hanging.blindFor()).to.equal(95 * SECOND)
    expect(begun).to.equal(1)
    ended()
    await turn()
    expect(hanging.blindFor()).to.equal(undefined)
  })

  it('a clock that jumps an hour back or forth neither stops it nor leaves a gap', async () => {
    out = true
    clock.time = NOON - HOUR
    await fiveSeconds()
    expect(since.at(-1)).to.equal(NOON - HOUR + 5 * SECOND - 10 * MINUTE)
    clock.time = NOON + HOUR
    await fiveSeconds()
    expect(since.at(-1)).to.equal(NOON - HOUR + 5 * SECOND - 10 * MINUTE)
    expect(looks.blindFor()).to.equal(undefined)
  })

  it('stops for good, and is not blind then', async () => {
    await looks.stop()
    const before = since.length
    await fiveSeconds(40)
    expect([since.length, clock.ticking(), looks.blindFor()]).to.deep.equal([before, false, undefined])
  })
})

describe('Twilio: polling', () => {
  it('hears what was texted, once, and needs nobody to call it', async () => {
    const on = await line({ mode: 'polling', somebodyIsOut: () => true })
    await on.twilio.text(MO, 'IN', { deliver: false, at: NOON - 8 * MINUTE })
    const first = on.looked()
    await on.channel.start()
    await first
    await on.twilio.text(MO, 'SOS', { deliver: false })
    for (let n = 0; n < 3; n++) {
      await turn()
      const looked = on.looked()
      on.clock.tick()
      await looked
    }
    await on.hangUp()
    expect(on.texts()).to.deep.equal(['IN', 'SOS'])
  })

  it('is not blind to Twilio because our clock is an hour ahead of it', async () => {
    const on = await line()
    const ahead = await line({ mode: 'polling', apiUrl: on.twilio.url })
    ahead.clock.time = NOON + HOUR
    await on.twilio.text(MO, 'SOS', { deliver: false })
    const looked = ahead.looked()
    await ahead.channel.start()
    await looked
    await Promise.all([on.hangUp(), ahead.hangUp()])
    expect(ahead.texts()).to.deep.equal(['SOS'])
  })

  it('tells that it is blind, and ends a look that hangs when it is stopped', async () => {
    const on = await line({ mode: 'polling' })
    on.twilio.fail('hang', { on: 'list' })
    await on.channel.start()
    for (let n = 0; n < 19; n++) on.clock.tick()
    expect(on.channel.trouble()).to.equal('twilio-not-read-for-95s')
    await on.channel.stop()
    expect(on.clock.ticking()).to.equal(false)
    await on.hangUp()
  })

  it('does nothing in webhook mode', async () => {
    const on = await line()
    await on.channel.start()
    expect([on.clock.ticking(), on.channel.trouble()]).to.deep.equal([false, undefined])
    await on.hangUp()
  })
})
