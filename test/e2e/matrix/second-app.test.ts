// The room with an app that has another implementation of everything: matrix-nio.
import { expect } from 'chai'
import type { MatrixHouse } from './house.ts'
import { matrixHouse } from './house.ts'
import type { JsClient } from './js-client.ts'
import { startJsClient } from './js-client.ts'
import { oneStory } from '../one-story.ts'

describe('With an app of another make', function () {
  this.timeout(150_000)
  oneStory()
  let house: MatrixHouse
  let asha: JsClient
  let ben: JsClient
  let nio: JsClient

  before(async () => {
    house = await matrixHouse(['asha', 'ben'])
    ;({ asha, ben } = house.apps as { asha: JsClient; ben: JsClient })
    await asha.reads(/^Admin here: ben/)
    await house.phone('SOS before')
    await asha.reads(/> SOS before/)
  })
  after(async () => {
    await nio.stop()
    await house.remove()
  })

  it('a new device of Ben’s reads nothing until he has verified it, and everything from then on', async () => {
    const account = house.accounts['ben']
    if (!account) throw new Error('no account')
    nio = await startJsClient(house.synapse, account, { identity: false, nio: true })
    await house.phone('SOS unverified')
    await asha.reads(/> SOS unverified/)
    await ben.call('sign', { device: nio.deviceId })
    for (let tries = 1; nio.messages(/> SOS verified/).length === 0; tries++) {
      expect(tries, 'alarms until the verified device reads one').to.be.lessThan(30)
      await house.phone(`SOS verified ${String(tries)}`)
      await asha.reads(new RegExp(`> SOS verified ${String(tries)}$`, 'm'))
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    expect(nio.messages(/SOS before|SOS unverified/)).to.deep.equal([])
  })

  it('it reads each message once, and what it writes is obeyed', async () => {
    await nio.writes(house.room(), 'take 1')
    await nio.reads(/^#1 TAKEN by ben/)
    await house.phone('at the bridge')
    await nio.reads(/> at the bridge/)
    await house.killAndRestart()
    await house.phone('two of us')
    await nio.reads(/> two of us/)
    const effects = nio
      .messages(/./)
      .map(({ content }) => content['org.imok.effect'])
      .filter((effect) => effect !== undefined)
    expect(new Set(effects).size).to.equal(effects.length)
  })
})
