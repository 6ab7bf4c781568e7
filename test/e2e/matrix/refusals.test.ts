// What gives no orders, each forged for real against a homeserver that lets it through.
import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import type { MatrixHouse } from './house.ts'
import { matrixHouse } from './house.ts'
import type { JsClient } from './js-client.ts'
import { startJsClient } from './js-client.ts'

/** Hints go when the budget allows, after polls and board: on a busy machine a minute after so many alarms. */
const HINT = 120_000

describe('In the room nobody obeys', function () {
  this.timeout(180_000)
  let house: MatrixHouse
  let asha: JsClient
  let ben: JsClient
  const others: JsClient[] = []
  const send = async (token: string, type: string, content: object): Promise<string> => {
    const where = `/_matrix/client/v3/rooms/${encodeURIComponent(house.room())}/send/${type}/${randomUUID()}`
    const { status, body } = await house.synapse.request('PUT', where, token, content)
    expect(status, JSON.stringify(body)).to.equal(200)
    return String(body['event_id'])
  }
  /** An order that is obeyed proves that everything before it was looked at. */
  const nothingTaken = async (): Promise<void> => {
    const before = asha.messages(/^How imok is/).length
    await asha.writes(house.room(), 'doctor')
    await asha.sees(({ body }) => /^How imok is/.test(body ?? '') && asha.messages(/^How imok is/).length > before)
    expect(asha.messages(/TAKEN/).map(({ body }) => body)).to.deep.equal([])
  }

  before(async () => {
    house = await matrixHouse(['asha', 'ben'], { later: ['carol'] })
    ;({ asha, ben } = house.apps as { asha: JsClient; ben: JsClient })
    await house.phone('SOS')
    await asha.reads(/^#1 SOS/)
  })
  after(async () => {
    for (const app of others) await app.stop()
    await house.remove()
  })

  it('what came without encryption, and says so once', async () => {
    await send(asha.token, 'm.room.message', { msgtype: 'm.text', body: 'take 1' })
    await asha.reads(/^Not obeyed, a message of asha: it came without encryption/)
    await nothingTaken()
  })

  it('a reaction, and says what to do instead', async () => {
    const alarm = await asha.reads(/^#1 SOS/)
    await send(asha.token, 'm.reaction', {
      'm.relates_to': { rel_type: 'm.annotation', event_id: alarm.id, key: '✅' },
    })
    await asha.reads(/reactions are not encrypted, so they do nothing/)
    await nothingTaken()
  })

  it('the same ciphertext as another event', async () => {
    const id = await ben.writes(house.room(), 'board')
    await ben.sees(({ body, content }) => /^Board/.test(body ?? '') && content['msgtype'] === 'm.text')
    const { wire } = await ben.sees((event) => event.id === id && event.wire['ciphertext'] !== undefined)
    const answers = (): number => ben.messages(/^Board/).filter(({ content }) => content['msgtype'] === 'm.text').length
    const boards = answers()
    await send(ben.token, 'm.room.encrypted', wire)
    await asha.reads(/^Not obeyed, a message of ben: it is a repetition/)
    await nothingTaken()
    expect(answers()).to.equal(boards)
  })

  it('an edit that turns talk into an order', async () => {
    const id = await asha.writes(house.room(), 'good evening')
    await asha.writes(house.room(), '* take 1', {
      'm.new_content': { msgtype: 'm.text', body: 'take 1' },
      'm.relates_to': { rel_type: 'm.replace', event_id: id },
    })
    await nothingTaken()
  })

  it('a device that its owner has not verified', async () => {
    const account = house.accounts['asha']
    if (!account) throw new Error('no account')
    const stolen = await startJsClient(house.synapse, account, { identity: false })
    others.push(stolen)
    await stolen.writes(house.room(), 'take 1')
    await asha.reads(/^Not obeyed, a message of asha: that device is not verified/)
    await nothingTaken()
  })

  it('somebody who is not on the list; and what they could read of an alarm is nothing', async () => {
    const eve = await startJsClient(house.synapse, await house.synapse.register('eve'))
    others.push(eve)
    const where = `/_matrix/client/v3/rooms/${encodeURIComponent(house.room())}/invite`
    await house.synapse.request('POST', where, asha.token, { user_id: eve.userId })
    await asha.reads(/^In this room, but not an admin of imok: @eve/)
    await eve.writes(house.room(), 'take 1')
    await nothingTaken()
    await house.phone('SOS again')
    const alarm = await asha.reads(/> SOS again/)
    await eve.sees(({ id, failed }) => id === alarm.id && failed !== undefined)
  })

  it('an admin who comes later reads nothing of before, and everything of now', async () => {
    const account = house.accounts['carol']
    if (!account) throw new Error('no account')
    const carol = await startJsClient(house.synapse, account)
    others.push(carol)
    await asha.reads(/^Admin here: carol/)
    await house.phone('SOS third')
    await carol.reads(/> SOS third/)
    expect(carol.messages(/SOS again/)).to.deep.equal([])
  })

  it('whoever has new keys, until another owner has confirmed them; the others’ alarms go on', async () => {
    const account = house.accounts['ben']
    await ben.call('bootstrap', { password: account?.password, reset: true })
    await asha.reads(/^The keys of ben .* are NEW/)
    await house.phone('SOS fourth')
    await asha.reads(/> SOS fourth/)
    await ben.writes(house.room(), 'take 1')
    await asha.reads(/^Not obeyed, a message of ben: their keys are new/, HINT)
    await nothingTaken()
    expect(ben.messages(/SOS fourth/)).to.deep.equal([])
    await asha.writes(house.room(), 'repin @ben')
    await asha.reads(/^The new keys of ben count from now on/)
    await house.phone('SOS fifth')
    await ben.reads(/> SOS fifth/)
  })

  it('a locked phone', async () => {
    await asha.writes(house.room(), 'lock @ben')
    await asha.reads(/^Locked by asha: ben/)
    await house.phone('SOS sixth')
    await asha.reads(/> SOS sixth/)
    await ben.writes(house.room(), 'take 1')
    await asha.reads(/^Not obeyed, a message of ben: they are locked/, HINT)
    await nothingTaken()
    expect(ben.messages(/SOS sixth/)).to.deep.equal([])
  })
})
