import { expect } from 'chai'
import type { RoomMessage } from '../../../src/ports/channel.ts'
import { SendError } from '../../../src/ports/channel.ts'
import { HOUR } from '../../../src/core/time.ts'
import { withIndexedDb } from './identity/bot.ts'
import { ASHA, Desk, Phone } from './room-of.ts'

const trouble = (sending: Promise<unknown>): Promise<unknown> =>
  sending.then(
    () => 'none',
    (error: unknown) => (error instanceof SendError ? `${error.kind} ${error.trouble}` : error),
  )

describe('the room, and a kernel whose time has run out', function () {
  this.timeout(20_000)
  withIndexedDb()

  it('nothing that it had begun goes there', async () => {
    const desk = await Desk.open([ASHA])
    const asha = await Phone.of(desk.room, ASHA)
    await desk.start()
    const message: RoomMessage = {
      ...{ id: 'm1:1:0', purpose: 'alert', urgency: 'alert', loud: true },
      ...{ text: 'somebody is late', choices: [], validity: HOUR, since: 0 },
    }
    desk.othersMayAct = true
    expect(await trouble(desk.line.sender.message(message))).to.equal('refused not-in-office')
    expect(await trouble(desk.line.attend.showBoard('the board'))).to.equal('refused not-in-office')
    desk.othersMayAct = false
    await desk.line.sender.message(message)
    expect(await asha.reads()).to.deep.equal(['somebody is late'])
  })
})
