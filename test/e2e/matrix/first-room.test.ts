// The first start with a Matrix account, as an operator and two admins live it: a real homeserver, apps that nobody here wrote.
import { expect } from 'chai'
import type { MatrixHouse } from './house.ts'
import { matrixHouse, MO } from './house.ts'
import type { JsClient } from './js-client.ts'
import { oneStory } from '../one-story.ts'

const POLL = 'org.matrix.msc3381.poll.start'

describe('The encrypted room', function () {
  this.timeout(120_000)
  oneStory()
  let house: MatrixHouse
  let asha: JsClient
  let ben: JsClient

  before(async () => {
    house = await matrixHouse(['asha', 'ben'])
    ;({ asha, ben } = house.apps as { asha: JsClient; ben: JsClient })
  })
  after(() => house.remove())

  const heard = async (pattern: RegExp): Promise<void> => {
    for (const until = Date.now() + 15_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
      const all = (await house.phones()).filter(({ to }) => to === MO)
      if (all.some(({ text }) => pattern.test(text))) return
      if (Date.now() > until)
        throw new Error(`Mo did not hear ${String(pattern)}: ${all.map(({ text }) => text).join(' | ')}`)
    }
  }

  it('is made by the bot, encrypted from its first event, closed to newcomers, without a shield', async () => {
    const said = await asha.reads(/^Admin here: asha/)
    expect(said.encrypted).to.equal(true)
    expect(said.shield?.color, 'no shield: the bot is cross-signed').to.equal(0)
    const room = house.room()
    expect(await asha.call('state', { room, type: 'm.room.history_visibility' })).to.deep.equal({
      history_visibility: 'joined',
    })
    expect(await asha.call('state', { room, type: 'm.room.encryption' })).to.include({
      algorithm: 'm.megolm.v1.aes-sha2',
    })
    await ben.reads(/^Admin here: ben/)
  })

  it('an SOS is read by both, sounds on both, and the phone is told how many it was sent to', async () => {
    await house.phone('SOS by the bridge')
    for (const app of [asha, ben]) {
      const alarm = await app.reads(/^#1 SOS: Mo Member/)
      expect(alarm.body).to.include('> SOS by the bridge')
      expect(alarm.encrypted && alarm.wire['m.mentions'] === undefined, 'mentions are inside the ciphertext').to.equal(
        true,
      )
      expect(alarm.push).to.include({ notify: true, sound: 'default' })
      expect(alarm.content['m.mentions']).to.deep.include({ user_ids: [asha.userId, ben.userId] })
    }
    await heard(/Alert sent \d\d:\d\d to 2 people/)
  })

  it('it is taken by one tap on the poll below it', async () => {
    const poll = await ben.sees(({ type }) => type === POLL)
    expect(poll.encrypted).to.equal(true)
    const { answers } = poll.content[POLL] as { answers: { id: string; 'org.matrix.msc1767.text': string }[] }
    const mine = answers.find((answer) => answer['org.matrix.msc1767.text'] === 'I have it')
    await ben.call('send', {
      room: house.room(),
      type: 'org.matrix.msc3381.poll.response',
      content: {
        'm.relates_to': { rel_type: 'm.reference', event_id: poll.id },
        'org.matrix.msc3381.poll.response': { answers: [mine?.id] },
      },
    })
    await asha.reads(/^#1 TAKEN by ben until \d\d:\d\d/)
    await heard(/a person has answered/)
    await asha.sees(({ type }) => type === 'org.matrix.msc3381.poll.end')
  })

  it('what is said to the member goes out and is marked; talk goes nowhere', async () => {
    await asha.writes(house.room(), 'I think she is fine')
    await asha.writes(house.room(), 'say 1 are you still inside?')
    await heard(/From the people watching.*are you still inside\?/)
    await ben.reads(/^Sent to Mo Member/)
    expect((await house.phones()).some(({ text }) => text.includes('she is fine'))).to.equal(false)
  })

  it('it is closed by a word, and the board says that nobody is out', async () => {
    await asha.writes(house.room(), 'resolve 1 home safe')
    await ben.reads(/^#1 CLOSED by asha: home safe/)
    const pinned = await asha.sees(({ type }) => type === 'm.room.pinned_events')
    const [board] = pinned.content['pinned'] as string[]
    await asha.sees(({ content }) => {
      const relation = content['m.relates_to'] as { rel_type?: string; event_id?: string } | undefined
      return relation?.rel_type === 'm.replace' && relation.event_id === board
    })
  })

  it('doctor says how it is, in the room', async () => {
    await ben.writes(house.room(), 'doctor')
    const told = await ben.reads(/^How imok is/)
    for (const line of ['this room is encrypted', 'newcomers cannot read', 'may pin its board', 'every admin can read'])
      expect(told.body).to.match(new RegExp(`well: .*${line}`))
  })
})
