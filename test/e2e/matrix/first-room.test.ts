// The first start with a Matrix account, as an operator and an admin live it: a real homeserver, an app that nobody here wrote.
import { expect } from 'chai'
import type { RunningKernel } from '../kernel.ts'
import { startKernel } from '../kernel.ts'
import type { JsClient } from './js-client.ts'
import { startJsClient } from './js-client.ts'
import type { Account, Synapse } from './synapse.ts'
import { startSynapse } from './synapse.ts'

const MO = '+447700900001'

describe('The encrypted room', function () {
  this.timeout(120_000)
  this.bail(true)
  const ends: (() => Promise<void>)[] = []
  let synapse: Synapse
  let kernel: RunningKernel
  let asha: JsClient
  let bot: Account
  let room: string
  const phone = async (text: string): Promise<void> => {
    const answer = await fetch(`${kernel.url}/simulator/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ from: MO, text }),
    })
    expect(answer.status).to.equal(200)
  }

  before(async () => {
    synapse = await startSynapse()
    ends.push(() => synapse.remove())
    bot = await synapse.register('imok')
    const account = await synapse.register('asha')
    asha = await startJsClient(synapse, account)
    ends.push(() => asha.stop())
    kernel = await startKernel({
      IMOK_MATRIX_HOMESERVER: synapse.url,
      IMOK_MATRIX_USER: bot.userId,
      IMOK_MATRIX_PASSWORD: bot.password,
      IMOK_MATRIX_ADMINS: asha.userId,
      IMOK_SIMULATOR: 'on',
    })
    ends.push(() => kernel.stop())
  })
  after(async () => {
    for (const end of ends.reverse()) await end()
  })

  it('is made by the bot, encrypted from its first event, and the admin is invited', async () => {
    const said = await asha.reads(/^Admin here: /)
    room = said.room
    expect(said.encrypted).to.equal(true)
    expect(said.shield?.color, 'no shield: the bot is cross-signed').to.equal(0)
    expect(await asha.call('state', { room, type: 'm.room.history_visibility' })).to.deep.equal({
      history_visibility: 'joined',
    })
  })

  it('an SOS is read, sounds, and is taken by a word', async () => {
    await phone('SOS by the bridge')
    const alarm = await asha.reads(/^#1 SOS: Mo Member/)
    expect(alarm.push).to.include({ notify: true, sound: 'default' })
    expect(alarm.content['m.mentions']).to.deep.include({ user_ids: [asha.userId] })
    await asha.writes(room, 'take 1')
    await asha.reads(/^#1 TAKEN by asha until \d\d:\d\d/)
  })
})
