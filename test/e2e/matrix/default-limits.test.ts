// A homeserver as it is delivered: it takes ten messages at once, and then one every five seconds.
import { expect } from 'chai'
import type { MatrixHouse } from './house.ts'
import { matrixHouse } from './house.ts'
import type { JsClient } from './js-client.ts'
import { oneStory } from '../one-story.ts'

const SECOND = 1_000
const ADA = '+447700900120'
const BERT = '+447700900121'

describe('At the homeserver’s default limits', function () {
  this.timeout(180_000)
  oneStory()
  let house: MatrixHouse
  let asha: JsClient

  before(async () => {
    house = await matrixHouse(['asha'], { limits: 'default' })
    ;({ asha } = house.apps as { asha: JsClient })
    await asha.writes(house.room(), `invite ${ADA} Ada`)
    await asha.writes(house.room(), `invite ${BERT} Bert`)
    for (const name of ['Ada', 'Bert']) await asha.reads(new RegExp(`^Invited by asha: ${name}`))
    for (const phone of [ADA, BERT]) await house.phone('YES', phone)
  })
  after(() => house.remove())

  it('an alarm and a cry for help come in time, though there was much to say before', async () => {
    await house.phone('IN 5s', ADA)
    const deadline = Date.now() + 5 * SECOND
    for (let n = 1; n <= 8; n++) await house.phone(`SOS number ${String(n)}`)
    await asha.reads(/> SOS number 1$/m)
    const alarm = await asha.sees(
      ({ body, failed }) => failed === undefined && /^#\d+ OVERDUE, unconfirmed: Ada/.test(body ?? ''),
    )
    // It goes before what Mo has to say besides; without that it took 14 s.
    expect(alarm.seenAt - deadline, 'ms after the deadline').to.be.lessThan(12 * SECOND)
    const cried = Date.now()
    await house.phone('SOS by the river', BERT)
    const cry = await asha.reads(/> SOS by the river/)
    expect(cry.seenAt - cried, 'ms after the cry').to.be.lessThan(15 * SECOND)
  })

  it('nothing is lost, and nothing said twice', async () => {
    // Each is tried again by itself when the server has refused it, so the last need not come last.
    for (let n = 1; n <= 8; n++) await asha.reads(new RegExp(`> SOS number ${String(n)}$`, 'm'))
    for (let n = 1; n <= 8; n++)
      expect(asha.messages(new RegExp(`> SOS number ${String(n)}$`, 'm')), `SOS number ${String(n)}`).to.have.length(1)
    expect(asha.messages(/^#\d+ OVERDUE, unconfirmed: Ada/)).to.have.length(1)
    expect(asha.messages(/> SOS by the river/)).to.have.length(1)
  })
})
