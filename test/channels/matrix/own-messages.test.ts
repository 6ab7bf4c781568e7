import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import { expect } from 'chai'
import type { Ask, MatrixApi } from '../../../src/channels/matrix/api.ts'
import { createOwnMessages } from '../../../src/channels/matrix/own-messages.ts'
import { BOT, ROOM } from './room-of.ts'

const CONTENT = { algorithm: 'm.megolm.v1.aes-sha2' }
/** What another device of ours said under this effect. */
const said = (effect: string) => ({
  ...{ event_id: `$${effect}`, sender: BOT, type: 'm.room.encrypted', origin_server_ts: 0 },
  content: { ...CONTENT, effect },
})

describe('what other devices of our account said', () => {
  /** The room, newest first, as a server shows it that knows no limits. */
  let room: ReturnType<typeof said>[]
  let asked: Ask[]
  /** Effects that cannot be opened: their key has not come yet. */
  let locked: Set<string>
  let opened: number
  let answering: () => Promise<unknown>

  beforeEach(() => {
    room = []
    asked = []
    locked = new Set()
    opened = 0
    answering = async () => undefined
  })

  const open = () => {
    const machine = {
      userId: BOT,
      decryptRoomEvent: async (json: string) => {
        opened += 1
        const { effect } = (JSON.parse(json) as { content: { effect: string } }).content
        if (locked.has(effect)) throw new Error('no key')
        return { sender: BOT, event: JSON.stringify({ content: { 'org.imok.effect': effect } }) }
      },
    }
    const request = async (_method: string, _path: string, ask: Ask) => {
      asked.push(ask)
      await answering()
      return { chunk: room, end: 'there is always more' }
    }
    return createOwnMessages({
      api: { userId: BOT, deviceId: 'ONE', request } as MatrixApi,
      machine: machine as unknown as OlmMachine,
      othersSpoke: () => undefined,
    })
  }
  const patient = (): AbortSignal => new AbortController().signal

  it('are looked for once, in the last hundred events, however large the room is', async () => {
    room = Array.from({ length: 5_000 }, (_each, n) => said(`m${n}:1:0`))
    const own = open()
    expect(await own.find(ROOM, 'm99:1:0', patient())).to.equal('$m99:1:0')
    expect(await own.find(ROOM, 'm100:1:0', patient())).to.equal(undefined)
    expect(asked.map(({ query }) => query)).to.deep.equal([{ dir: 'b', limit: 100 }])
    expect(opened).to.equal(100)
  })

  it('are found when their key comes after they were read', async () => {
    room = [said('m1:1:0')]
    locked.add('m1:1:0')
    const own = open()
    expect(await own.find(ROOM, 'm1:1:0', patient())).to.equal(undefined)
    locked.clear()
    expect(await own.find(ROOM, 'm1:1:0', patient())).to.equal('$m1:1:0')
    expect(asked).to.have.length(1)
  })

  it('are not asked for when nobody waits any more, and what is known already is still told', async () => {
    const own = open()
    await own.note(ROOM, said('m1:1:0'))
    const over = AbortSignal.abort()
    expect(await own.find(ROOM, 'm1:1:0', over)).to.equal('$m1:1:0')
    expect(await own.find(ROOM, 'm2:1:0', over)).to.equal(undefined)
    expect(asked).to.deep.equal([])
  })

  it('a look that is given up ends its request, and whoever else looks asks anew', async () => {
    const over = new AbortController()
    answering = () =>
      new Promise((_resolve, reject) => asked[0]?.signal?.addEventListener('abort', () => reject(new Error('stopped'))))
    const own = open()
    const finding = own.find(ROOM, 'm1:1:0', over.signal)
    over.abort()
    expect(await finding).to.equal(undefined)
    room = [said('m1:1:0')]
    answering = async () => undefined
    expect(await own.find(ROOM, 'm1:1:0', patient())).to.equal('$m1:1:0')
  })

  it('all who look at the same moment ask once, also when the answer is an error', async () => {
    answering = () => Promise.reject(new Error('500'))
    const own = open()
    const all = ['m1:1:0', 'm2:1:0', 'm3:1:0'].map((effect) => own.find(ROOM, effect, patient()))
    expect(await Promise.all(all)).to.deep.equal([undefined, undefined, undefined])
    expect(asked).to.have.length(1)
  })
})
