import { expect } from 'chai'
import type { Agenda, JobWithState } from 'agenda'
import { systemClock } from '../../src/clock/system-clock.ts'
import type { Alarms } from '../../src/jobs/alarms.ts'
import { MOST_ALARMS, createAlarms } from '../../src/jobs/alarms.ts'
import { makeAgenda } from '../../src/jobs/make-agenda.ts'
import { createRunning } from '../../src/jobs/running.ts'
import { silent } from '../support/memory-ports.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** The jobs themselves, as an operator sees them; nothing is due, so no time passes. */
describe('the jobs of the alarm clock', () => {
  let agenda: Agenda
  let alarms: Alarms
  let clock: ReturnType<typeof systemClock>
  let stored: { id: string; version: number; wakeAt: number }[]

  const make = (speed = 1): void => {
    clock = systemClock({ speed })
    stored = []
    agenda = makeAgenda(silent.log)
    const due = (until: number, limit: number) =>
      Promise.resolve(stored.filter((it) => it.wakeAt <= until).slice(0, limit))
    const running = createRunning(() => 'code')
    alarms = createAlarms({ agenda, clock, running, ring: () => Promise.resolve(), due })
  }
  beforeEach(() => make())

  const jobs = async (): Promise<JobWithState[]> => (await agenda.queryJobs({ name: 'wake' })).jobs
  const data = async (): Promise<unknown[]> => (await jobs()).map((job) => job.data)

  it('are one for each document and its newest version, and hold ids only', async () => {
    const at = clock.now() + 5 * MINUTE
    for (const version of [1, 2, 3]) {
      alarms.set('m1', version, at + version * SECOND)
      alarms.set('m2', 1, at)
      await alarms.tick()
    }
    stored = [
      { id: 'm1', version: 2, wakeAt: at },
      { id: 'm2', version: 1, wakeAt: at },
    ]
    await Promise.all([alarms.sweep(), alarms.tick(), alarms.sweep()])
    expect(await data()).to.have.deep.members([
      { document: 'm1', version: 3 },
      { document: 'm2', version: 1 },
    ])
    for (const job of await jobs()) expect(job.type).to.equal('normal')
  })

  it('are never moved: a newer version has a job of its own', async () => {
    alarms.set('m1', 1, clock.now() + 5 * MINUTE)
    await alarms.tick()
    const [first] = await jobs()
    alarms.set('m1', 2, clock.now() + 4 * MINUTE)
    await alarms.tick()
    const [second, ...others] = await jobs()
    expect(others).to.deep.equal([])
    expect(second?._id).not.to.equal(first?._id)
  })

  it('are for the machine’s clock what the alarm is for the kernel’s, half a second later', async () => {
    make(60)
    alarms.set('m1', 1, clock.now() + 9 * MINUTE)
    await alarms.tick()
    const [job] = await jobs()
    expect((job?.nextRunAt?.getTime() ?? 0) - Date.now()).to.be.within(8.9 * SECOND, 9.6 * SECOND)
  })

  it('are not made for what is further away than ten minutes, nor for more than a few hundred, the soonest', async () => {
    const now = clock.now()
    alarms.set('far', 1, now + 11 * MINUTE)
    await alarms.tick()
    expect(await data()).to.deep.equal([])
    for (let n = 0; n < 1_000; n++) alarms.set(`m${String(n)}`, 1, now + MINUTE + ((n * 7919) % 1_000) * 100)
    for (let n = 0; n < 3; n++) await alarms.tick()
    for (let n = 0; n < 1_000; n++) alarms.set(`soon${String(n)}`, 1, now + 30 * SECOND + n)
    for (let n = 0; n < 8; n++) {
      await alarms.tick()
      for (let m = 0; m < 1_000; m++) alarms.set(`soon${String(m)}`, 1 + n, now + 30 * SECOND + m)
    }
    expect((await jobs()).length).to.be.at.most(MOST_ALARMS)
    stored = Array.from({ length: 1_000 }, (_, n) => ({ id: `s${String(n)}`, version: 1, wakeAt: now + MINUTE + n }))
    await alarms.sweep()
    const documents = (await data()).map((it) => (it as { document: string }).document)
    expect(documents.sort()).to.deep.equal(
      stored
        .slice(0, MOST_ALARMS)
        .map(({ id }) => id)
        .sort(),
    )
  })

  it('are called off when the store no longer knows of what they are for', async () => {
    stored = [{ id: 'm1', version: 1, wakeAt: clock.now() + 5 * MINUTE }]
    await alarms.sweep()
    expect(await data()).to.have.length(1)
    stored = []
    await alarms.sweep()
    expect(await data()).to.deep.equal([])
  })
})

describe('a job that is doubled, or of an older version', () => {
  it('rings nobody, and changes nothing', async () => {
    const clock = systemClock()
    const agenda = makeAgenda(silent.log)
    const rung: string[] = []
    const ring = (id: string): Promise<void> => Promise.resolve(void rung.push(id))
    const due = () => Promise.resolve([])
    const alarms = createAlarms({ agenda, clock, running: createRunning(() => 'code'), ring, due })
    alarms.set('m1', 2, clock.now() + 5 * MINUTE)
    await alarms.tick()
    await agenda.start()
    const ended = (count: number) =>
      new Promise<void>((resolve) => agenda.on('complete:wake', () => (--count === 0 ? resolve() : undefined)))
    const all = ended(3)
    for (const [document, version] of [
      ['m1', 1],
      ['m1', 1],
      ['unknown', 7],
    ])
      await agenda.now('wake', { document, version })
    await all
    await alarms.tick()
    expect(rung).to.deep.equal([])
    const left = (await agenda.queryJobs({ name: 'wake' })).jobs.map((job) => job.data)
    expect(left).to.deep.equal([{ document: 'm1', version: 2 }])
    await agenda.stop()
  })
})
