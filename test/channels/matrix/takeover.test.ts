import { expect } from 'chai'
import { MatrixFailure } from '../../../src/channels/matrix/failure.ts'
import { systemClock } from '../../../src/clock/system-clock.ts'
import { SECOND } from '../../../src/core/time.ts'
import type { Clock } from '../../../src/ports/clock.ts'
import { openMemoryStore } from '../../../src/stores/memory/index.ts'
import { FakeRoom } from '../../support/fake-room.ts'
import { Kernel } from './kernel-of.ts'
import { message } from './messages.ts'
import { ASHA, BOT, Phone } from './room-of.ts'
import { ServedRoom } from './served-room.ts'

const ALARM = 'm1:1:0'

/** The second kernel's clock: a look may take five seconds, which are over when the test says so. */
function lookClock(): { clock: Clock; lookIsOver: () => void } {
  const system = systemClock()
  const looks = new Set<() => void>()
  const every: Clock['every'] = (real, job) => {
    if (real !== 5 * SECOND) return system.every(real, job)
    looks.add(job)
    return () => void looks.delete(job)
  }
  return { clock: { ...system, every }, lookIsOver: () => looks.forEach((job) => job()) }
}

describe('the room after a takeover: the kernel that died had claimed an alarm, and perhaps sent it', function () {
  // Shorter than what a request has by itself: whatever waits for that is red.
  this.timeout(12_000)
  let served: ServedRoom
  let asha: Phone
  let dead: Kernel
  let next: Kernel
  let lookIsOver: () => void
  /** What becomes of a look into the room. */
  let looking: () => Promise<void>
  let syncing: () => Promise<void>

  beforeEach(async () => {
    const room = new FakeRoom([BOT, ASHA])
    served = await ServedRoom.open(room)
    asha = await Phone.of(room, ASHA)
    const { documents } = await openMemoryStore()
    dead = new Kernel(served.url, documents, { isActing: true })
    await dead.connected()
    const { clock, ...look } = lookClock()
    lookIsOver = look.lookIsOver
    next = new Kernel(served.url, documents, { clock })
    await next.connected()
    // So that it knows the other device and gives it the key.
    await dead.connected()
    looking = syncing = () => Promise.resolve()
    room.before = (_method, path) =>
      path.endsWith('/messages') ? looking() : path.endsWith('/sync') ? syncing() : Promise.resolve()
  })

  afterEach(async () => {
    await dead.room.stop?.()
    await next.room.stop?.()
    await served.close()
  })

  /** How often the kernel that took over said something. */
  const said = (): number => served.asked.filter((what) => what === 'DEVICE2 PUT send').length
  const looks = (): number => served.asked.filter((what) => what === 'DEVICE2 GET messages').length

  it('a homeserver that hangs when it is asked for what was said hears the alarm within the look’s five seconds', async () => {
    looking = () => new Promise(() => undefined)
    await next.takesOver()
    const asked = served.asks('GET messages')
    const givenUp = served.givesUp('GET messages')
    const attempt = next.attempt(ALARM)
    await asked
    expect(said(), 'before the look is over').to.equal(0)
    lookIsOver()
    expect(await attempt).to.include({ type: 'accepted', readers: 1 })
    await givenUp
    expect({ looks: looks(), said: said() }).to.deep.equal({ looks: 1, said: 1 })
    expect(await asha.reads()).to.deep.equal([ALARM])
  })

  for (const [name, failure] of [
    ['an error', new MatrixFailure('answered', 500, 'M_UNKNOWN')],
    ['a limit', new MatrixFailure('answered', 429, 'M_LIMIT_EXCEEDED')],
    ['a refusal', new MatrixFailure('answered', 403, 'M_FORBIDDEN')],
  ] as const)
    it(`a homeserver that answers with ${name} is not waited for`, async () => {
      looking = () => Promise.reject(failure)
      await next.takesOver()
      expect(await next.attempt(ALARM)).to.include({ type: 'accepted', readers: 1 })
      expect(await asha.reads()).to.deep.equal([ALARM])
    })

  it('what was never sent is said at once, and what was sent is not said again', async () => {
    // What a sync brings is known without a look: here the place in it is lost.
    await next.room.stop?.()
    next.values.set({ 'sync:since': undefined })
    const { providerId } = await dead.room.send(message(ALARM, 'somebody is late'))
    await dead.room.stop?.()
    next.again()
    await next.takesOver()
    expect(await next.attempt(ALARM)).to.deep.equal({ type: 'accepted', providerId, readers: 1 })
    expect({ looks: looks(), said: said() }).to.deep.equal({ looks: 1, said: 0 })
    expect(await next.attempt('m2:1:0')).to.include({ type: 'accepted', readers: 1 })
    expect(await asha.reads()).to.deep.equal(['somebody is late', 'm2:1:0'])
  })

  it('what comes to be heard while a look hangs is not said again', async () => {
    looking = () => new Promise(() => undefined)
    await next.takesOver()
    const asked = served.asks('GET messages')
    const attempt = next.attempt(ALARM)
    await asked
    const { providerId } = await dead.room.send(message(ALARM, 'somebody is late'))
    await next.room.readBack?.()
    lookIsOver()
    expect(await attempt).to.deep.equal({ type: 'accepted', providerId, readers: 1 })
    expect(said()).to.equal(0)
  })

  it('a kernel that has not read all yet, but can speak, looks before it does', async () => {
    const { providerId } = await dead.room.send(message(ALARM, 'somebody is late'))
    await next.room.readBack?.()
    await next.room.stop?.()
    next.again()
    syncing = () => new Promise(() => undefined)
    next.isActing = true
    const asked = served.asks('GET sync')
    await next.room.start?.()
    await asked
    expect(await next.attempt(ALARM)).to.include({ type: 'accepted', providerId })
    expect({ looks: looks(), said: said() }).to.deep.equal({ looks: 1, said: 0 })
  })

  it('an alarm that nobody can have said is said without a look', async () => {
    looking = () => new Promise(() => undefined)
    await next.takesOver()
    expect(await next.attempt(ALARM, { inDoubt: false })).to.include({ type: 'accepted', readers: 1 })
    expect(looks()).to.equal(0)
  })
})
