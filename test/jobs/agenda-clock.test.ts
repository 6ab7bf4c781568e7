import { expect } from 'chai'
import sinon from 'sinon'
import { systemClock } from '../../src/clock/system-clock.ts'
import { agendaClock } from '../../src/jobs/agenda-clock.ts'
import type { AlarmClock } from '../../src/ports/alarm-clock.ts'
import type { LogFields } from '../../src/ports/log.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const START = Date.parse('2026-11-17T11:00:00Z')

type Due = { id: string; version: number; wakeAt: number }[]

/** Agenda and the kernel's clock as they are, on time that is moved on by hand. */
describe('the alarm clock on Agenda', () => {
  let fake: sinon.SinonFakeTimers
  let alarmClock: AlarmClock
  let rung: { document: string; at: number }[]
  let lines: { message: string; fields: LogFields | undefined }[]
  let stored: Due
  let ring: (document: string) => Promise<void>
  let clock: ReturnType<typeof systemClock>

  beforeEach(() => {
    fake = sinon.useFakeTimers({ now: START })
    rung = []
    lines = []
    stored = []
    ring = settled
    clock = systemClock()
    make()
  })
  afterEach(async () => {
    const stopped = alarmClock.stop()
    await fake.tickAsync(6 * SECOND)
    await stopped
    fake.restore()
  })

  const make = (): void => {
    const say = (message: string, fields?: LogFields): void => void lines.push({ message, fields })
    alarmClock = agendaClock({ clock, log: { info: say, warn: say, error: say } })
  }
  const start = (): Promise<void> =>
    alarmClock.start(
      (document) => {
        rung.push({ document, at: clock.now() - START })
        return ring(document)
      },
      (until, limit) => Promise.resolve(stored.filter((it) => it.wakeAt <= until).slice(0, limit)),
    )
  /** As the kernel does it: into the store, and the clock is told. */
  const saved = (id: string, version: number, wakeAt: number): void => {
    stored = [...stored.filter((it) => it.id !== id), { id, version, wakeAt }].sort((a, b) => a.wakeAt - b.wakeAt)
    alarmClock.set(id, version, wakeAt)
  }
  const settled = (document: string): Promise<void> => {
    stored = stored.filter((it) => it.id !== document)
    return Promise.resolve()
  }
  const forward = (ms: number): Promise<number> => fake.tickAsync(ms)
  const times = (document: string): number[] => rung.filter((it) => it.document === document).map((it) => it.at)

  it('rings half a second after the time, when the due loop has gone first, and once', async () => {
    await start()
    saved('m1', 1, START + 5 * MINUTE)
    await forward(5 * MINUTE + 499)
    expect(rung).to.deep.equal([])
    await forward(20)
    expect(rung).to.have.length(1)
    await forward(10 * MINUTE)
    expect(rung).to.have.length(1)
  })

  it('rings for the newest version only, earlier or later than the one before', async () => {
    await start()
    saved('m1', 1, START + 5 * MINUTE)
    saved('m2', 1, START + 5 * MINUTE)
    await forward(2 * SECOND)
    saved('m1', 2, START + 2 * MINUTE)
    saved('m2', 2, START + 8 * MINUTE)
    await forward(2 * SECOND)
    alarmClock.set('m2', 1, START + 3 * MINUTE)
    await forward(15 * MINUTE)
    expect(times('m1').map((at) => Math.floor(at / SECOND))).to.deep.equal([120])
    expect(times('m2').map((at) => Math.floor(at / SECOND))).to.deep.equal([480])
  })

  it('gets what is far away from the store when it comes near, and what an earlier process left at once', async () => {
    stored = [
      { id: 'late', version: 3, wakeAt: START - MINUTE },
      { id: 'far', version: 2, wakeAt: START + 25 * MINUTE },
    ]
    await start()
    saved('far', 2, START + 25 * MINUTE)
    await forward(SECOND)
    expect(times('late')).to.have.length(1)
    await forward(30 * MINUTE)
    expect(times('far').map((at) => Math.floor(at / SECOND))).to.deep.equal([25 * 60])
  })

  it('rings again while the store says that it is due', async () => {
    stored = [{ id: 'm1', version: 1, wakeAt: START + SECOND }]
    ring = () => Promise.resolve()
    await start()
    await forward(20 * SECOND)
    expect(times('m1').length).to.be.within(3, 5)
  })

  it('goes by the kernel’s time: a sixtyfold clock rings sixty times sooner', async () => {
    clock = systemClock({ speed: 60 })
    make()
    await start()
    saved('m1', 1, clock.now() + 9 * MINUTE)
    await forward(9 * SECOND + 400)
    expect(rung).to.deep.equal([])
    await forward(200)
    expect(rung).to.have.length(1)
  })

  for (const [way, by] of [
    ['ahead', 60 * MINUTE],
    ['back', -60 * MINUTE],
  ] as const) {
    it(`rings in time, and recurring work comes, when somebody sets the machine's clock ${way} by an hour`, async () => {
      const runs: number[] = []
      const began = performance.now()
      const job = (): Promise<void> => Promise.resolve(void runs.push(performance.now() - began))
      alarmClock.recurring('read-back', MINUTE, job)
      await start()
      saved('m1', 1, START + 5 * MINUTE)
      await forward(90 * SECOND)
      fake.setSystemTime(Date.now() + by)
      await forward(3.5 * MINUTE + SECOND)
      // The kernel's clock was not told of the jump here: its five minutes are those of a steady clock.
      expect(times('m1').map((at) => Math.floor(at / SECOND))).to.deep.equal([300])
      await forward(2 * MINUTE)
      for (const [i, at] of runs.slice(1).entries()) expect(at - runs[i]!).to.be.lessThan(75 * SECOND)
      expect(runs.length).to.be.greaterThan(4)
    })
  }

  it('rings 500 that are due at the same moment: two hundred within a second, all in a few', async () => {
    stored = Array.from({ length: 500 }, (_, i) => ({ id: `m${String(i)}`, version: 1, wakeAt: START + MINUTE }))
    const left = new Set(stored)
    ring = async (document) => {
      await clock.pause(20)
      stored = stored.filter((it) => it.id !== document)
      for (const it of left) if (it.id === document) left.delete(it)
    }
    await start()
    await forward(MINUTE + SECOND)
    expect(rung.length).to.equal(200)
    await forward(11 * SECOND)
    expect(left.size).to.equal(0)
    expect(rung).to.have.length(500)
  })

  it('tries again after a handler that throws, and keeps its words to itself', async () => {
    await start()
    let failures = 3
    ring = (id) => (failures-- > 0 ? Promise.reject(new Error('Mo Member +447700900001')) : settled(id))
    saved('m1', 1, START + 10 * SECOND)
    await forward(30 * SECOND)
    expect(times('m1')).to.have.length(4)
    expect(lines.filter(({ fields }) => fields?.job === 'wake' && fields.code === 'Error')).to.have.length(3)
    expect(JSON.stringify(lines)).not.to.match(/Mo|4477/)
  })

  it('survives handlers that throw what is no error, at once or later', async () => {
    await start()
    const things: (() => Promise<void>)[] = [
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- that is the point
      () => Promise.reject(undefined),
      () => {
        throw new TypeError('at once')
      },
    ]
    ring = (id) => things.shift()?.() ?? settled(id)
    saved('m1', 1, START + 10 * SECOND)
    await forward(30 * SECOND)
    expect(times('m1')).to.have.length(3)
  })

  it('goes on ringing for others while some hang for ever, and does not join those', async () => {
    await start()
    ring = (document) => (document.startsWith('stuck') ? new Promise(() => undefined) : settled(document))
    for (let i = 0; i < 250; i++) saved(`stuck${String(i)}`, 1, START + 10 * SECOND)
    await forward(11 * SECOND)
    saved('m1', 1, START + 20 * SECOND)
    await forward(30 * SECOND)
    expect(times('m1')).to.have.length(1)
    expect(times('stuck0')).to.have.length(1)
  })

  it('repeats recurring work, never beside itself, and after a failure', async () => {
    let side = 0
    let most = 0
    const runs: string[] = []
    alarmClock.recurring('slow', 10 * SECOND, async () => {
      runs.push('slow')
      most = Math.max(most, ++side)
      await clock.pause(25 * SECOND)
      side--
    })
    alarmClock.recurring('failing', 30 * SECOND, () => {
      runs.push('failing')
      return Promise.reject(new Error('x'))
    })
    await start()
    await forward(5 * MINUTE)
    expect(most).to.equal(1)
    expect(runs.filter((name) => name === 'slow').length).to.be.within(8, 12)
    expect(runs.filter((name) => name === 'failing').length).to.be.within(10, 40)
    expect(lines.filter(({ message }) => message.includes('begun anew'))).to.deep.equal([])
    expect(() => alarmClock.recurring('too late', SECOND, () => Promise.resolve())).to.throw(/before the start/)
  })

  it('lives on when the store cannot be asked, and is well again afterwards', async () => {
    let broken = false
    await alarmClock.start(
      (document) => Promise.resolve(void rung.push({ document, at: clock.now() })),
      () => (broken ? Promise.reject(new Error('EIO')) : Promise.resolve(stored)),
    )
    broken = true
    await forward(MINUTE)
    broken = false
    stored = [{ id: 'm1', version: 1, wakeAt: START + 61 * SECOND }]
    await forward(MINUTE)
    expect(rung.length).to.be.greaterThan(0)
  })

  it('stop waits for what rings, and nothing rings or ticks afterwards', async () => {
    await start()
    let end: (() => void) | undefined
    ring = () => new Promise((resolve) => (end = resolve))
    saved('m1', 1, START + 5 * SECOND)
    for (let i = 0; i < 50; i++) saved(`x${String(i)}`, 1, START + 6 * SECOND)
    await forward(5.5 * SECOND)
    let stopped = false
    const stopping = alarmClock.stop().then(() => (stopped = true))
    await forward(2 * SECOND)
    expect(stopped).to.equal(false)
    end?.()
    await forward(10)
    await stopping
    await forward(10 * SECOND)
    expect(rung.map((it) => it.document)).to.deep.equal(['m1'])
    expect(fake.countTimers()).to.equal(0)
  })

  it('stop ends after five seconds whatever hangs', async () => {
    await start()
    ring = () => new Promise(() => undefined)
    saved('m1', 1, START + 2 * SECOND)
    await forward(3 * SECOND)
    let stopped = false
    void alarmClock.stop().then(() => (stopped = true))
    await forward(5.1 * SECOND)
    expect(stopped).to.equal(true)
  })
})
