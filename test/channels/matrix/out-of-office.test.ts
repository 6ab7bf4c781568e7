import { expect } from 'chai'
import { withIndexedDb } from './identity/bot.ts'
import { message, trouble } from './messages.ts'
import { ASHA, Desk, Phone } from './room-of.ts'

describe('the room, and a kernel whose time has run out', function () {
  this.timeout(20_000)
  withIndexedDb()

  it('nothing that it had begun goes there', async () => {
    const desk = await Desk.open([ASHA])
    const asha = await Phone.of(desk.room, ASHA)
    await desk.start()
    const late = message('m1:1:0', 'somebody is late')
    desk.othersMayAct = true
    expect(await trouble(desk.line.sender.message(late))).to.equal('refused not-in-office')
    expect(await trouble(desk.line.attend.showBoard('the board'))).to.equal('refused not-in-office')
    desk.othersMayAct = false
    await desk.line.sender.message(late)
    expect(await asha.reads()).to.deep.equal(['somebody is late'])
  })
})
