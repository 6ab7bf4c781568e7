import { expect } from 'chai'
import { StoreError } from '../../../src/ports/store.ts'
import { withIndexedDb } from './identity/bot.ts'
import { message, trouble } from './messages.ts'
import { ASHA, BOT, Desk, Phone } from './room-of.ts'

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

  it('what another device of its account says is heard, its own and what others say is not', async () => {
    const desk = await Desk.open([ASHA])
    const asha = await Phone.of(desk.room, ASHA)
    await desk.start()
    await desk.line.sender.message(message('m1:1:0', 'somebody is late'))
    await asha.write('take 1')
    await desk.round()
    expect(desk.othersHeard).to.equal(0)
    // Its key may come later, or never.
    desk.room.show({ type: 'm.room.encrypted', sender: BOT, content: { algorithm: 'm.megolm.v1.aes-sha2' } })
    await desk.round()
    expect(desk.othersHeard).to.equal(1)
  })

  it('another device of its account is heard although nothing that others say can be stored', async () => {
    const desk = await Desk.open([ASHA])
    const asha = await Phone.of(desk.room, ASHA)
    await desk.start()
    const { put } = desk.inbox
    desk.inbox.put = () => Promise.reject(new StoreError('mongodb-unreachable', 'away'))
    await asha.write('take 1')
    desk.room.show({ type: 'm.room.encrypted', sender: BOT, content: { algorithm: 'm.megolm.v1.aes-sha2' } })
    await desk.round().catch(() => undefined)
    expect([desk.othersHeard, desk.inbox.items.length]).to.deep.equal([1, 0])
    desk.inbox.put = put
    await desk.round()
    expect(desk.inbox.items).to.have.length(1)
  })
})
