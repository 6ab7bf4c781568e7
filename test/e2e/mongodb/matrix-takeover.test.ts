// Two kernels with the encrypted room on a real homeserver: the admins must not notice which of them they talk to.
import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { Proxy } from '../../chaos/room/proxy.ts'
import { freePort } from '../../support/free-port.ts'
import type { RunningKernel } from '../kernel.ts'
import { startKernel, writesTo } from '../kernel.ts'
import type { MatrixHouse } from '../matrix/house.ts'
import { MO, matrixHouse } from '../matrix/house.ts'
import type { JsClient } from '../matrix/js-client.ts'
import { newName } from './harness.ts'
import type { StandIn } from './stand-in.ts'
import { startStandIn } from './stand-in.ts'
import { oneStory } from '../one-story.ts'

const TAKEOVER = 30_000

interface Devices {
  device_keys?: Record<string, Record<string, { signatures?: Record<string, Record<string, string>> }>>
}

describe('Two kernels and the encrypted room', function () {
  this.timeout(180_000)
  oneStory()
  let server: StandIn
  let house: MatrixHouse
  let front: Proxy
  let asha: JsClient
  let other: RunningKernel

  const phone = (text: string): Promise<void> => writesTo(other, text, MO)
  const startOther = async (): Promise<RunningKernel> =>
    startKernel({
      ...house.settings,
      IMOK_HTTP_PORT: String(await freePort()),
      IMOK_MATRIX_HOMESERVER: house.synapse.url,
    })
  /** Devices of the bot that its identity has signed. */
  const signedDevices = async (): Promise<number> => {
    const { body } = await house.synapse.request('POST', '/_matrix/client/v3/keys/query', asha.token, {
      device_keys: { [house.bot.userId]: [] },
    })
    const devices = Object.values((body as Devices).device_keys?.[house.bot.userId] ?? {})
    return devices.filter(({ signatures }) => Object.keys(signatures?.[house.bot.userId] ?? {}).length > 1).length
  }
  const untilSigned = async (count: number): Promise<void> => {
    for (const until = Date.now() + 30_000; (await signedDevices()) < count;) {
      if (Date.now() > until) throw new Error(`no ${String(count)} signed devices:\n${other.output()}`)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  before(async () => {
    server = await startStandIn()
    house = await matrixHouse(['asha'], {
      front: async (homeserver) => (front = await new Proxy(homeserver).start()),
      settings: {
        IMOK_MONGODB_URL: server.url(newName()),
        IMOK_SECRET_KEY: randomBytes(32).toString('base64'),
      },
    })
    ;({ asha } = house.apps as { asha: JsClient })
    other = await startOther()
  })
  after(async () => {
    await other.stop('SIGKILL')
    await house.remove()
    front.stop()
    await server.stop()
  })

  it('whoever stands by has a device of its own, signed by the same identity', async () => {
    await untilSigned(2)
    await phone('SOS at the gate')
    const alarm = await asha.reads(/> SOS at the gate/)
    expect(alarm.shield?.color, 'no shield').to.equal(0)
    await asha.writes(house.room(), 'take 1')
    await asha.reads(/^#1 TAKEN by asha/)
    expect(asha.messages(/^#1 TAKEN/), 'an order that both have read is obeyed once').to.have.length(1)
    await asha.writes(house.room(), 'resolve 1 she is fine')
    await asha.reads(/^#1 CLOSED/)
  })

  it('killed when the homeserver had the alarm already: the other does not say it again', async () => {
    const dead = new Promise<void>((resolve) =>
      front.dieAt({ request: 'send', when: 'answered', nth: 1 }, () => void house.kill().then(resolve)),
    )
    await phone('SOS behind the mill')
    await dead
    await asha.reads(/> SOS behind the mill/)
    // Said while nobody is in office.
    await asha.writes(house.room(), 'take 2')
    await asha.reads(/^#2 TAKEN by asha/, TAKEOVER)
    await asha.reads(/^BLIND to everything/, TAKEOVER)
    expect(asha.messages(/> SOS behind the mill/)).to.have.length(1)
  })

  it('what the other says is read without a shield, and obeyed', async () => {
    await phone('SOS and again')
    const alarm = await asha.reads(/> SOS and again/)
    expect(alarm.shield?.color, 'no shield').to.equal(0)
    expect(alarm.push).to.include({ notify: true, sound: 'default' })
    await asha.writes(house.room(), 'resolve 2 all well')
    await asha.reads(/^#2 CLOSED/)
  })

  it('and back: no message of either is unreadable', async () => {
    await house.restart()
    await untilSigned(2)
    await other.stop('SIGTERM')
    other = house.kernel()
    await phone('SOS once more')
    const alarm = await asha.reads(/> SOS once more/, TAKEOVER)
    expect(alarm.shield?.color, 'no shield').to.equal(0)
    other = await startOther()
    const unreadable = new Set(asha.seen.filter(({ failed }) => failed !== undefined).map(({ id }) => id))
    const readable = new Set(
      asha.seen.filter(({ failed, body }) => failed === undefined && body !== undefined).map(({ id }) => id),
    )
    expect([...unreadable].filter((id) => !readable.has(id))).to.deep.equal([])
  })
})
