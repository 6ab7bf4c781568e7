// The kernel killed, the homeserver gone or silent, each at a bad moment: the alarm comes all the same, and once.
import { expect } from 'chai'
import { Proxy } from '../../chaos/room/proxy.ts'
import type { MatrixHouse } from './house.ts'
import { matrixHouse } from './house.ts'
import type { JsClient } from './js-client.ts'
import { oneStory } from '../one-story.ts'

const BEN = '+447700900200'

describe('The room and its outages', function () {
  this.timeout(150_000)
  oneStory()
  let house: MatrixHouse
  let asha: JsClient
  let front: Proxy

  before(async () => {
    house = await matrixHouse(['asha'], {
      settings: { IMOK_DUTY: `@ben:test.invalid=${BEN}` },
      front: async (homeserver) => (front = await new Proxy(homeserver).start()),
    })
    ;({ asha } = house.apps as { asha: JsClient })
  })
  after(async () => {
    await house.remove()
    front.stop()
  })

  const nudged = async (pattern: RegExp, within = 40_000): Promise<void> => {
    for (const until = Date.now() + within; ; await new Promise((resolve) => setTimeout(resolve, 200))) {
      if ((await house.phones()).some(({ to, text }) => to === BEN && pattern.test(text))) return
      if (Date.now() > until) throw new Error('nobody on duty was called')
    }
  }
  const once = (pattern: RegExp): void => {
    expect(asha.messages(pattern).map(({ body }) => body)).to.have.length(1)
  }

  it('a kernel that is killed comes back as the same device, and says from when to when nobody watched', async () => {
    await house.phone('IN 10')
    await asha.sees(({ type }) => type === 'm.room.pinned_events')
    await house.killAndRestart()
    const said = await asha.reads(/^BLIND to everything/)
    expect(said.shield?.color).to.equal(0)
    expect(await asha.call<string[]>('devices', { user: house.bot.userId })).to.have.length(1)
  })

  it('what was written while it was dead is obeyed when it is back', async () => {
    await house.phone('SOS')
    await asha.reads(/^#1 SOS/)
    await house.kill()
    await asha.writes(house.room(), 'take 1')
    await house.restart()
    await asha.reads(/^#1 TAKEN by asha/)
    once(/^#1 TAKEN by asha/)
    await asha.writes(house.room(), 'resolve 1 home')
    await asha.reads(/^#1 CLOSED by asha: home/)
  })

  it('while the homeserver is gone those on duty are called; back again it has the alarm, once, and is told of the gap', async () => {
    await house.synapse.stop()
    await house.phone('SOS by the river')
    await nudged(/^imok: /)
    expect(
      (await house.phones()).filter(({ to }) => to === BEN).some(({ text }) => /Mo|SOS|river/.test(text)),
    ).to.equal(false)
    await house.synapse.start()
    await asha.reads(/^#2 SOS: Mo Member/, 90_000)
    await asha.writes(house.room(), 'take 2')
    await asha.reads(/^#2 TAKEN by asha/)
    once(/> SOS by the river/)
  })

  it('a homeserver that hangs holds up nobody else; the alarm comes once when it answers', async () => {
    await asha.writes(house.room(), 'resolve 2 home')
    await asha.reads(/^#2 CLOSED by asha/)
    const before = (await house.phones()).filter(({ to }) => to === BEN).length
    house.synapse.freeze()
    try {
      await house.phone('SOS on the roof')
      for (
        const until = Date.now() + 40_000;
        (await house.phones()).filter(({ to }) => to === BEN).length === before;
      ) {
        if (Date.now() > until) throw new Error('nobody on duty was called')
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
    } finally {
      house.synapse.thaw()
    }
    await asha.reads(/> SOS on the roof/, 90_000)
    await asha.writes(house.room(), 'doctor')
    await asha.reads(/^How imok is/)
    once(/> SOS on the roof/)
  })

  it('a homeserver that lets nobody read: after a restart the alarm reaches the room all the same', async () => {
    await asha.writes(house.room(), 'resolve 3 home')
    await asha.reads(/^#3 CLOSED by asha/)
    await house.kill()
    front.instead = { status: 502, body: '{}', of: 'sync' }
    try {
      await house.restart()
      await house.phone('SOS unread')
      await asha.reads(/> SOS unread/, 60_000)
    } finally {
      front.instead = undefined
    }
    await asha.writes(house.room(), 'resolve 4 home')
    await asha.reads(/^#4 CLOSED by asha/, 60_000)
    once(/> SOS unread/)
  })

  it('put out of the room those on duty are called; let in again it says the alarm, and what it could not see', async () => {
    const called = async (): Promise<number> => (await house.phones()).filter(({ to }) => to === BEN).length
    const before = await called()
    const room = `/_matrix/client/v3/rooms/${encodeURIComponent(house.room())}`
    const as = (what: string): Promise<unknown> =>
      house.synapse.request('POST', `${room}/${what}`, asha.token, { user_id: house.bot.userId })
    await as('kick')
    await house.phone('SOS behind the door')
    for (const until = Date.now() + 40_000; (await called()) === before;) {
      if (Date.now() > until) throw new Error('nobody on duty was called')
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    await as('invite')
    await asha.reads(/> SOS behind the door/, 100_000)
    once(/> SOS behind the door/)
  })

  for (const [what, answer] of [
    ['with 500', { status: 500, body: '{"errcode":"M_UNKNOWN"}' }],
    ['with what is no JSON', { status: 200, body: '<html>welcome to our hotel</html>' }],
  ] as const)
    it(`a homeserver that answers ${what}: those on duty are called, and the alarm comes once when it is well`, async () => {
      const number = asha.messages(/^#\d+ SOS/).length
      await asha.writes(house.room(), `resolve ${String(number)} home`)
      await asha.reads(new RegExp(`^#${String(number)} CLOSED`))
      const called = async (): Promise<number> => (await house.phones()).filter(({ to }) => to === BEN).length
      const before = await called()
      front.instead = answer
      await house.phone(`SOS while it answers ${what}`)
      for (const until = Date.now() + 40_000; (await called()) === before;) {
        if (Date.now() > until) throw new Error('nobody on duty was called')
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
      front.instead = undefined
      await asha.reads(new RegExp(`> SOS while it answers ${what}`), 90_000)
      once(new RegExp(`> SOS while it answers ${what}`))
    })
})
