// A room is upgraded: a homeserver can say that of any room, so imok goes along only when an owner says that it is true.
import { expect } from 'chai'
import type { MatrixHouse } from './house.ts'
import { matrixHouse } from './house.ts'
import type { JsClient } from './js-client.ts'
import { oneStory } from '../one-story.ts'

describe('When the room is replaced', function () {
  this.timeout(120_000)
  oneStory()
  let house: MatrixHouse
  let asha: JsClient
  let ben: JsClient
  let next: string

  before(async () => {
    house = await matrixHouse(['asha', 'ben'], { hasRoom: true })
    ;({ asha, ben } = house.apps as { asha: JsClient; ben: JsClient })
    await ben.reads(/^Admin here: /)
  })
  after(() => house.remove())

  const as = async (who: JsClient, path: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await house.synapse.request('POST', `/_matrix/client/v3/rooms/${path}`, who.token, body)
    expect(answer.status, JSON.stringify(answer.body)).to.equal(200)
    return answer.body
  }

  it('imok says so and stays, and alarms come to where the admins are', async () => {
    const made = await as(asha, `${encodeURIComponent(house.room())}/upgrade`, { new_version: '11' })
    next = String(made['replacement_room'])
    const told = await ben.reads(/^The homeserver says that this room was replaced by/)
    expect(told.room).to.equal(house.room())
    await house.phone('SOS')
    expect((await ben.reads(/^#1 SOS/)).room).to.equal(house.room())
  })

  it('it follows nobody but an owner, and says what is missing', async () => {
    await ben.writes(house.room(), 'repin room')
    await ben.reads(/is no owner/)
    await asha.writes(house.room(), 'repin room')
    await asha.reads(/^imok cannot enter !/)
  })

  it('it goes along when an owner says that it is true', async () => {
    for (const user of [house.bot.userId, ben.userId])
      await as(asha, `${encodeURIComponent(next)}/invite`, { user_id: user })
    await asha.writes(house.room(), 'repin room')
    expect((await asha.reads(/^Alarms come to this room from now on\. asha said so/)).room).to.equal(next)
    await asha.writes(next, 'take 1')
    expect((await asha.reads(/^#1 TAKEN by asha/)).room).to.equal(next)
  })

  it('it is still there after a crash, also where the settings name the old room', async () => {
    await house.kill()
    await house.restart()
    await house.phone('SOS again')
    expect((await ben.reads(/^#\d+ SOS.*\n[^]*> SOS again|> SOS again/)).room).to.equal(next)
  })
})
