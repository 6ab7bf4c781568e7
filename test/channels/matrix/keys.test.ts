import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import { DecryptionSettings, DeviceLists, RoomId, TrustRequirement } from '@matrix-org/matrix-sdk-crypto-wasm'
import { expect } from 'chai'
import type { MatrixApi } from '../../../src/channels/matrix/api.ts'
import { identitiesOf } from '../../../src/channels/matrix/identities.ts'
import { ensureIdentity } from '../../../src/channels/matrix/identity/ensure-identity.ts'
import type { Encrypted, Keys } from '../../../src/channels/matrix/keys.ts'
import { createKeys } from '../../../src/channels/matrix/keys.ts'
import { sendOutgoing } from '../../../src/channels/matrix/outgoing-requests.ts'
import { systemClock } from '../../../src/clock/system-clock.ts'
import { SECOND } from '../../../src/core/time.ts'
import { FakeHomeserver } from '../../support/fake-homeserver.ts'
import { Bot, BOT, withIndexedDb } from './identity/bot.ts'
import { ASHA, hears, phoneOf, says } from './identity/room.ts'

const ROOM = '!room:example.org'
const BEN = '@ben:example.org'
const WITHIN = 10 * SECOND

describe('the keys of the room', function () {
  this.timeout(20_000)
  withIndexedDb()
  let server: FakeHomeserver
  let bot: Bot
  let asha: OlmMachine
  let ben: OlmMachine
  let keys: Keys
  /** Requests whose path begins so are not answered, until they are let go. */
  let held: string | undefined
  let letGo: () => void
  /** Who may not read. */
  const barred = new Set<string>()

  beforeEach(async () => {
    server = new FakeHomeserver()
    bot = await Bot.start(server)
    await ensureIdentity(bot, undefined)
    asha = await phoneOf(server, ASHA)
    ben = await phoneOf(server, BEN)
    held = undefined
    barred.clear()
    const going = Promise.withResolvers<undefined>()
    letGo = () => going.resolve(undefined)
    const api: MatrixApi = {
      ...bot.api,
      request: async (method, path, ask) => {
        if (held !== undefined && path.startsWith(`/_matrix/client/v3/${held}`)) await going.promise
        return bot.api.request(method, path, ask)
      },
    }
    const { machine } = bot
    keys = createKeys({
      machine,
      api,
      identities: identitiesOf(machine),
      mayRead: (user) => !barred.has(user),
      pump: () => sendOutgoing(machine, api),
      mayBeBehind: false,
      clock: systemClock(),
    })
  })

  let said = 0
  const write = (text: string, within = WITHIN, users = [ASHA, BEN]): Promise<Encrypted> =>
    keys.encrypt(ROOM, [...users, BOT], 'm.room.message', { msgtype: 'm.text', body: text }, within)

  /** The phone gets what the server has for it, in one sync. */
  const syncs = async (phone: OlmMachine): Promise<void> => {
    const user = phone.userId.toString()
    const events = server.takeToDevice(user, 'PHONE')
    const counts = new Map([['signed_curve25519', server.keys.oneTimeKeys(user, 'PHONE')]])
    await phone.receiveSyncChanges(JSON.stringify(events), new DeviceLists(), counts)
  }
  const reads = async (phone: OlmMachine, { content }: Encrypted): Promise<string> => {
    const event = { type: 'm.room.encrypted', event_id: `$${++said}`, sender: BOT, origin_server_ts: 0, content }
    const trust = new DecryptionSettings(TrustRequirement.Untrusted)
    return phone.decryptRoomEvent(JSON.stringify(event), new RoomId(ROOM), trust).then(
      ({ event: json }) => (JSON.parse(json) as { content: { body: string } }).content.body,
      () => 'nothing',
    )
  }

  it('are shared ahead, so that nothing but the message itself is left for an alarm', async () => {
    expect(await keys.shareAhead(ROOM, [ASHA, BEN, BOT])).to.deep.equal([])
    server.heard.length = 0
    const alarm = await write('alarm')
    expect(server.heard).to.deep.equal([])
    expect(alarm.readers).to.have.members([ASHA, BEN, BOT])
    for (const phone of [asha, ben]) {
      await syncs(phone)
      expect(await reads(phone, alarm)).to.equal('alarm')
    }
  })

  it('open every message, also where a first message of theirs crosses ours', async () => {
    const first = await write('first')
    await says(asha, server, 'hello')
    await hears(bot)
    const second = await write('second')
    await syncs(asha)
    await syncs(ben)
    for (const phone of [asha, ben])
      expect([await reads(phone, first), await reads(phone, second)]).to.deep.equal(['first', 'second'])
  })

  it('change after a hundred messages, and all of these can be read', async () => {
    const messages: Encrypted[] = []
    for (let n = 0; n < 103; n++) messages.push(await write(String(n)))
    await syncs(asha)
    for (const [n, message] of messages.entries()) expect(await reads(asha, message)).to.equal(String(n))
    expect(new Set(messages.map(({ content }) => content['session_id'])).size).to.equal(2)
  })

  it('are asked for so long and no longer: the others read it, and who is late is named', async () => {
    await write('before', WITHIN, [ASHA])
    held = 'keys/claim'
    const alarm = await write('alarm', 200)
    expect(alarm.readers).to.have.members([ASHA, BOT])
    expect(alarm.late).to.deep.equal([BEN])
    await syncs(asha)
    expect(await reads(asha, alarm)).to.equal('alarm')
    letGo()
    expect(await keys.shareAhead(ROOM, [ASHA, BEN, BOT])).to.deep.equal([])
    const again = await write('again')
    expect(again.readers).to.have.members([ASHA, BEN, BOT])
    await syncs(ben)
    expect(await reads(ben, again)).to.equal('again')
  })

  it('that are shared ahead to somebody whose server hangs hold up no alarm', async function () {
    this.timeout(4000)
    await write('before', WITHIN, [ASHA])
    held = 'keys/claim'
    const ahead = keys.shareAhead(ROOM, [ASHA, BEN, BOT])
    const began = performance.now()
    const alarm = await write('alarm', 200)
    expect(performance.now() - began).to.be.lessThan(2000)
    await syncs(asha)
    expect(await reads(asha, alarm)).to.equal('alarm')
    letGo()
    expect(await ahead).to.deep.equal([])
  })

  it('that could not be delivered are delivered later, and open what was said before', async () => {
    await keys.shareAhead(ROOM, [ASHA, BOT])
    server.judge(({ path }) => (path.startsWith('sendToDevice') ? { status: 500, code: 'M_UNKNOWN' } : undefined))
    const alarm = await write('alarm')
    expect(alarm.readers).not.to.include(BEN)
    expect(alarm.late).to.deep.equal([])
    expect(keys.isBehind()).to.equal(true)
    server.heal()
    await keys.shareAhead(ROOM, [ASHA, BEN, BOT])
    expect(keys.isBehind()).to.equal(false)
    await syncs(ben)
    expect(await reads(ben, alarm)).to.equal('alarm')
  })

  it('that the server will not take keep no others', async () => {
    // The first run of keys puts one aside that is only made for it.
    const refused = new Set<string>()
    let isRefusing = true
    server.judge(({ user, path }) => {
      if (user !== BOT || !path.startsWith('sendToDevice')) return undefined
      if (isRefusing) refused.add(path)
      return refused.has(path) ? { status: 400, code: 'M_UNKNOWN' } : undefined
    })
    const first = await write('first')
    isRefusing = false
    await says(asha, server, 'hello')
    await hears(bot)
    const second = await write('second')
    await syncs(asha)
    expect([await reads(asha, first), await reads(asha, second)]).to.deep.equal(['nothing', 'second'])
    server.heal()
    await keys.shareAhead(ROOM, [ASHA, BEN, BOT])
    await syncs(asha)
    expect(await reads(asha, first)).to.equal('first')
    expect(keys.isBehind()).to.equal(false)
  })

  it('ask a server that hangs once, however many alarms come meanwhile', async () => {
    await write('before', WITHIN, [ASHA])
    held = 'keys/claim'
    await Promise.all(Array.from({ length: 20 }, (_, n) => write(`alarm ${String(n)}`, 100)))
    letGo()
    await keys.shareAhead(ROOM, [ASHA, BEN, BOT])
    expect(server.heard.filter(({ path }) => path === 'keys/claim').length).to.be.at.most(4)
  })

  it('that were not delivered before a crash are delivered after it', async () => {
    server.judge(({ path }) => (path.startsWith('sendToDevice') ? 'unreachable' : undefined))
    const alarm = await write('alarm', 100)
    expect(alarm.readers).to.deep.equal([BOT])
    server.heal()
    await bot.restart()
    const { machine, api } = bot
    keys = createKeys({
      machine,
      api,
      identities: identitiesOf(machine),
      mayRead: (user) => !barred.has(user),
      pump: () => sendOutgoing(machine, api),
      mayBeBehind: false,
      clock: systemClock(),
    })
    const later = await write('later')
    for (const phone of [asha, ben]) {
      await syncs(phone)
      expect([await reads(phone, alarm), await reads(phone, later)]).to.deep.equal(['alarm', 'later'])
    }
  })

  it('are new once the devices have new channels, where the run before may have used up more than the disk knows', async () => {
    await write('before')
    await bot.restart()
    const { machine, api } = bot
    const claims = (): number => server.heard.filter(({ path }) => path === 'keys/claim').length
    const before = claims()
    const going = Promise.withResolvers<undefined>()
    const slow: MatrixApi = {
      ...api,
      request: async (method, path, ask) => {
        if (path.endsWith('keys/claim')) await going.promise
        return api.request(method, path, ask)
      },
    }
    keys = createKeys({
      machine,
      api: slow,
      identities: identitiesOf(machine),
      mayRead: () => true,
      pump: () => sendOutgoing(machine, api),
      mayBeBehind: true,
      clock: systemClock(),
    })
    const alarm = await write('alarm', 200)
    going.resolve(undefined)
    await keys.shareAhead(ROOM, [ASHA, BEN, BOT])
    const [later, last] = [await write('later'), await write('last')]
    const sessions = [alarm, later, last].map(({ content }) => content['session_id'])
    expect(new Set(sessions).size).to.equal(2)
    expect(sessions[1]).to.equal(sessions[2])
    for (const phone of [asha, ben]) {
      await syncs(phone)
      expect([await reads(phone, alarm), await reads(phone, later)]).to.deep.equal(['alarm', 'later'])
    }
    expect(claims()).to.equal(before + 1)
  })
})
