import { expect } from 'chai'
import { setTimeout } from 'node:timers/promises'
import type { Urgency } from '../../../src/core/effect.ts'
import { messageIndex } from '../../../src/channels/matrix/replays.ts'
import { SECOND } from '../../../src/core/time.ts'
import { openMemoryStore } from '../../../src/stores/memory/index.ts'
import { FakeRoom } from '../../support/fake-room.ts'
import { message, trouble } from './messages.ts'
import { ASHA, BOT, Phone } from './room-of.ts'
import { ServedRoom } from './served-room.ts'
import { OnDisk } from './vault-of.ts'

const FULL = 'matrix-store-ENOSPC'

describe('the room while the keys cannot be written', function () {
  // Shorter than what a round of reading waits for news: whatever waits for that is red.
  this.timeout(20_000)
  let room: FakeRoom
  let served: ServedRoom
  let asha: Phone
  let kernel: OnDisk

  beforeEach(async () => {
    room = new FakeRoom([BOT, ASHA])
    served = await ServedRoom.open(room)
    asha = await Phone.of(room, ASHA)
    kernel = new OnDisk(served.url, (await openMemoryStore()).documents)
    await kernel.connected()
    await says('first')
  })

  afterEach(async () => {
    await kernel.end()
    await served.close()
  })

  let said = 0
  const alarm = (text: string): Promise<unknown> => trouble(kernel.room.send(message(`m1:${String(++said)}:0`, text)))
  const says = async (text: string): Promise<void> => void expect(await alarm(text)).to.equal('none')
  const notice = (purpose = 'notice', urgency: Urgency = 'notice'): Promise<unknown> =>
    trouble(kernel.room.send(message(`n1:${String(++said)}:0`, purpose, { urgency, purpose })))
  /** In real milliseconds. */
  const until = async (is: () => boolean, within: number): Promise<void> => {
    const began = performance.now()
    while (!is()) {
      expect(performance.now() - began, 'waited in vain').to.be.lessThan(within)
      await setTimeout(10)
    }
  }
  const isWell = (): boolean => kernel.room.trouble?.() === undefined && kernel.room.readers() === 1
  /** Which place of which key each message took. */
  const places = (): string[] =>
    room.timeline
      .filter(({ sender, type }) => sender === BOT && type === 'm.room.encrypted')
      .map(({ content }) => `${String(content['session_id'])} ${String(messageIndex(content['ciphertext']))}`)
  const keysUsed = (): number => new Set(places().map((place) => place.split(' ')[0])).size

  it('hears every alarm at once, can read it, and nobody is told that all is well', async () => {
    kernel.trouble = 'ENOSPC'
    const began = performance.now()
    await says('somebody is late')
    await says('somebody else is late')
    expect(performance.now() - began).to.be.lessThan(SECOND)
    expect(await asha.reads()).to.deep.equal(['first', 'somebody is late', 'somebody else is late'])
    expect([kernel.room.trouble?.(), kernel.room.readers()]).to.deep.equal([FULL, 0])
  })

  it('hears that an alarm is over and that nobody watches, and nothing else', async () => {
    kernel.trouble = 'ENOSPC'
    await says('somebody is late')
    expect(await notice()).to.equal(`refused ${FULL}`)
    expect(await trouble(kernel.room.showBoard('nobody is out'))).to.equal(`refused ${FULL}`)
    for (const purpose of ['taken', 'stand-down', 'closed', 'announcement'])
      expect(await notice(purpose, 'answer')).to.equal('none')
    const all = ['first', 'somebody is late', 'taken', 'stand-down', 'closed', 'announcement']
    expect(await asha.reads()).to.deep.equal(all)
  })

  it('is not read, and the server forgets nothing and learns of no key, until all is on the disk', async () => {
    kernel.trouble = 'ENOSPC'
    await says('somebody is late')
    await until(() => kernel.room.trouble?.() === FULL, SECOND)
    const before = served.asked.length
    await asha.write('take 1')
    expect(await kernel.room.readBack?.().catch(String)).to.include('ENOSPC')
    await says('somebody else is late')
    await setTimeout(1.5 * SECOND)
    expect(served.asked.slice(before).filter((what) => /sync|upload|signatures/.test(what))).to.deep.equal([])
    expect(kernel.inbox.items).to.deep.equal([])
    kernel.trouble = undefined
    await until(() => kernel.inbox.items.length > 0, 2 * SECOND)
    expect(kernel.inbox.items.map(({ heard }) => heard)).to.have.length(1)
  })

  it('takes an order once, and loses no key, when the disk fails while the round that brought both is kept', async () => {
    // Until it is told that they arrived, a server shows messages to a device again.
    let brought: object[] = []
    const take = room.server.takeToDevice.bind(room.server)
    room.server.takeToDevice = (user, device) => {
      const events = user === BOT ? [...brought, ...take(user, device)] : take(user, device)
      if (user === BOT && events.length > 0 && brought.length === 0) {
        brought = events
        kernel.trouble = 'ENOSPC'
      }
      return events
    }
    await asha.write('take 1')
    void kernel.room.readBack?.().catch(() => undefined)
    await until(() => kernel.room.trouble?.() === FULL, 2 * SECOND)
    await says('somebody is late')
    await setTimeout(0.3 * SECOND)
    expect(kernel.inbox.items).to.deep.equal([])
    kernel.trouble = undefined
    await until(() => kernel.inbox.items.length > 0, 3 * SECOND)
    await until(isWell, 2 * SECOND)
    brought = [{}]
    await kernel.crash()
    await kernel.connected()
    await asha.write('take 2')
    await kernel.room.readBack?.()
    await until(() => kernel.inbox.items.length > 1, 3 * SECOND)
    expect(kernel.inbox.items.map(({ heard }) => 'text' in heard && heard.text)).to.deep.equal(['take 1', 'take 2'])
    await says('somebody else is late')
    expect(await asha.reads()).to.deep.equal(['first', 'somebody is late', 'somebody else is late'])
  })

  it('is as before within two seconds of half a second of trouble, and all of it is durable', async () => {
    kernel.trouble = 'EIO'
    await says('somebody is late')
    await setTimeout(0.5 * SECOND)
    kernel.trouble = undefined
    await until(isWell, 2 * SECOND)
    expect(await notice()).to.equal('none')
    await kernel.crash()
    await kernel.connected()
    await says('after a restart')
    expect(await asha.reads()).to.deep.equal(['first', 'somebody is late', 'notice', 'after a restart'])
  })

  it('is as before as soon where the send that met the trouble hangs, and nothing else would end the wait for news', async () => {
    const going = Promise.withResolvers<undefined>()
    room.before = async (_method, path) => {
      if (path.includes('/send/')) await going.promise
    }
    kernel.trouble = 'EIO'
    const sending = says('somebody is late')
    await until(() => kernel.room.trouble?.() === 'matrix-store-EIO', SECOND)
    await setTimeout(0.5 * SECOND)
    kernel.trouble = undefined
    await until(isWell, 2 * SECOND)
    going.resolve(undefined)
    await sending
    expect(await asha.reads()).to.deep.equal(['first', 'somebody is late'])
  })

  it('is opened anew at once when somebody else wrote to the keys, and until then nothing goes', async () => {
    kernel.trouble = 'foreign-write'
    expect(await alarm('somebody is late')).to.equal('refused matrix-crypto')
    expect(await alarm('somebody is late')).to.equal('refused matrix-store-foreign-write')
    kernel.trouble = undefined
    await until(isWell, 3 * SECOND)
    await says('somebody else is late')
    expect(await asha.reads()).to.deep.equal(['first', 'somebody else is late'])
  })

  it('hears alarms from a new key after each crash, and no place of one is used twice', async () => {
    const before = keysUsed()
    kernel.trouble = 'ENOSPC'
    for (const text of ['late', 'later']) await says(text)
    await kernel.crash()
    kernel.trouble = undefined
    await kernel.connected()
    for (const text of ['after the crash', 'and again']) await says(text)
    expect(new Set(places()).size, places().join('\n')).to.equal(places().length)
    expect(keysUsed()).to.equal(before + 1)
    expect(await asha.reads()).to.deep.equal(['first', 'late', 'later', 'after the crash', 'and again'])
  })

  for (const [name, isClean] of [
    ['a crash', false],
    ['a clean end', true],
  ] as const)
    it(`hears alarms, and can read them, of one crash after the other on a disk that stays full after ${name}`, async () => {
      const read = ['first']
      if (isClean) await kernel.restart()
      kernel.trouble = 'ENOSPC'
      for (const life of ['one', 'two', 'three']) {
        if (!isClean || life !== 'one') await kernel.crash()
        await kernel.room.start?.()
        await until(() => kernel.room.trouble?.() === FULL, 5 * SECOND)
        // It is on its way into the room.
        const began = performance.now()
        while ((await alarm(life)) !== 'none') {
          expect(performance.now() - began).to.be.lessThan(3 * SECOND)
          await setTimeout(20)
        }
        read.push(life)
        expect(await asha.reads()).to.deep.equal(read)
      }
      kernel.trouble = undefined
      await until(isWell, 3 * SECOND)
      await kernel.restart()
      await kernel.connected()
      await says('space again')
      expect(await asha.reads()).to.deep.equal([...read, 'space again'])
      expect(new Set(places()).size, places().join('\n')).to.equal(places().length)
    })

  it('gives a new key at each start, and people’s devices new channels after a crash, not after a clean end', async () => {
    const claims = (): number => served.asked.filter((what) => what.endsWith('POST claim')).length
    const [before, keys] = [claims(), keysUsed()]
    await kernel.restart()
    await kernel.connected()
    await says('after a clean end')
    expect([claims(), keysUsed()]).to.deep.equal([before, keys + 1])
    await kernel.crash()
    await kernel.connected()
    await says('after a crash')
    expect(claims()).to.equal(before + 1)
    expect(await asha.reads()).to.deep.equal(['first', 'after a clean end', 'after a crash'])
  })
})
