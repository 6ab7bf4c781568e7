// A homeserver that works against its users: what it adds, changes, shows and hides gives no orders.
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { BarePhone } from './bare-phone.ts'
import type { MatrixHouse } from './house.ts'
import { matrixHouse } from './house.ts'
import type { JsClient } from './js-client.ts'
import { startJsClient } from './js-client.ts'

describe('A homeserver that lies', function () {
  this.timeout(150_000)
  let house: MatrixHouse
  let asha: JsClient
  let ben: JsClient
  const others: JsClient[] = []

  before(async () => {
    house = await matrixHouse(['asha', 'ben'])
    ;({ asha, ben } = house.apps as { asha: JsClient; ben: JsClient })
    await ben.reads(/^Admin here: ben/)
    await house.phone('SOS')
    await asha.reads(/^#1 SOS/)
  })
  after(async () => {
    for (const app of others) await app.stop()
    await house.remove()
  })

  /** An order that is obeyed proves that everything before it was looked at. */
  const nothingTaken = async (): Promise<void> => {
    const before = asha.messages(/^How imok is/).length
    await asha.writes(house.room(), 'doctor')
    await asha.sees(({ body }) => /^How imok is/.test(body ?? '') && asha.messages(/^How imok is/).length > before)
    expect(asha.messages(/TAKEN|CLOSED/).map(({ body }) => body)).to.deep.equal([])
  }

  /** Changes what the homeserver has stored, while nobody looks. */
  const tamper = async (change: (database: DatabaseSync) => void): Promise<void> => {
    await house.synapse.stop()
    const database = new DatabaseSync(house.synapse.database)
    change(database)
    database.close()
    await house.synapse.start()
  }

  it('brings a stranger into the room with its operator’s power, and makes them its ruler', async () => {
    const root = await house.synapse.login(await house.synapse.register('root', true))
    const eve = await startJsClient(house.synapse, await house.synapse.register('eve'))
    others.push(eve)
    const room = encodeURIComponent(house.room())
    const joined = await house.synapse.request('POST', `/_synapse/admin/v1/join/${room}`, root.token, {
      user_id: eve.userId,
    })
    // Only a room whose members may invite lets the operator do it; else an admin's token does.
    if (joined.status !== 200) {
      const invite = `/_matrix/client/v3/rooms/${room}/invite`
      await house.synapse.request('POST', invite, asha.token, { user_id: eve.userId })
    }
    await asha.reads(/^In this room, but not an admin of imok: @eve/)
    await house.synapse.request('POST', `/_synapse/admin/v1/rooms/${room}/make_room_admin`, root.token, {
      user_id: eve.userId,
    })
    await eve.writes(house.room(), 'take 1')
    const path = `/_matrix/client/v3/rooms/${room}/send/m.room.message/forged`
    await house.synapse.request('PUT', path, eve.token, { msgtype: 'm.text', body: 'take 1' })
    await nothingTaken()
  })

  it('writes another relation beside the ciphertext of a vote: the one inside counts', async () => {
    const alarm = await asha.reads(/^#1 SOS/)
    const poll = await ben.sees(({ type }) => type === 'org.matrix.msc3381.poll.start')
    const says = poll.content['org.imok.says'] as Record<string, string>
    const answer = Object.keys(says).find((one) => says[one] === 'take 1')
    await house.kill()
    const { id } = await ben.call<{ id: string }>('send', {
      room: house.room(),
      type: 'org.matrix.msc3381.poll.response',
      content: {
        'm.relates_to': { rel_type: 'm.reference', event_id: poll.id },
        'org.matrix.msc3381.poll.response': { answers: [answer] },
      },
    })
    await tamper((database) => {
      const { json } = database.prepare('SELECT json FROM event_json WHERE event_id = ?').get(id) as { json: string }
      const event = JSON.parse(json) as { content: Record<string, unknown> }
      event.content['m.relates_to'] = { rel_type: 'm.reference', event_id: alarm.id }
      database.prepare('UPDATE event_json SET json = ? WHERE event_id = ?').run(JSON.stringify(event), id)
    })
    const where = `/_matrix/client/v3/rooms/${encodeURIComponent(house.room())}/event/${encodeURIComponent(id)}`
    const { body } = await house.synapse.request('GET', where, asha.token)
    const { 'm.relates_to': shown } = body['content'] as { 'm.relates_to'?: { event_id?: string } }
    expect(shown?.event_id, 'the forgery is what everybody is shown').to.equal(alarm.id)
    await house.restart()
    await asha.reads(/^#1 TAKEN by ben/)
    await asha.writes(house.room(), 'resolve 1 home')
    await asha.reads(/^#1 CLOSED by asha/)
  })

  it('shows another identity for an admin, and hides it again', async () => {
    const account = house.accounts['asha']
    if (!account) throw new Error('no account')
    await house.phone('SOS again')
    await ben.reads(/^#2 SOS/)
    const rogue = await BarePhone.of(house.synapse, account)
    await ben.reads(/^The keys of asha .* are NEW/)
    await rogue.write(house.room(), house.bot.userId, 'resolve 2 never mind')
    await ben.reads(/^Not obeyed, a message of asha: /)
    await tamper((database) => {
      const newest = database
        .prepare('SELECT MAX(stream_id) AS id FROM e2e_cross_signing_keys WHERE user_id = ? AND keytype = ?')
        .get(account.userId, 'master') as { id: number }
      const { changes } = database
        .prepare('DELETE FROM e2e_cross_signing_keys WHERE user_id = ? AND stream_id >= ?')
        .run(account.userId, newest.id)
      expect(Number(changes)).to.be.at.least(1)
    })
    await rogue.write(house.room(), house.bot.userId, 'resolve 2 all is well')
    const doctors = ben.messages(/^How imok is/).length
    await ben.writes(house.room(), 'doctor')
    await ben.sees(({ body }) => /^How imok is/.test(body ?? '') && ben.messages(/^How imok is/).length > doctors)
    expect(ben.messages(/^#2 CLOSED/).map(({ body }) => body)).to.deep.equal([])
  })
})
