// The alarm clock whose jobs lie in a database, and the database has trouble in the moment of the start.
import { expect } from 'chai'
import type { JobRepository } from 'agenda'
import sinon from 'sinon'
import { systemClock } from '../../src/clock/system-clock.ts'
import type { AgendaClock } from '../../src/jobs/agenda-clock.ts'
import { agendaClock } from '../../src/jobs/agenda-clock.ts'
import { InProcessBackend } from '../../src/jobs/in-process-backend.ts'
import { makeAgenda } from '../../src/jobs/make-agenda.ts'
import type { LogFields } from '../../src/ports/log.ts'
import { silent } from '../support/memory-ports.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const START = Date.parse('2026-11-17T11:00:00Z')

/** Whatever is asked of it can fail, or hang. */
class Database {
  /** Called before each call is done; rejects if the line is broken. */
  before: (call: string, count: number) => Promise<void> = () => Promise.resolve()
  readonly calls: string[] = []

  /** Another line to it, as each start opens one. */
  readonly open = (): Promise<InProcessBackend> => {
    const backend = new InProcessBackend()
    const guarded = <T extends object>(it: T, ...names: (keyof T & string)[]): void => {
      for (const name of names) {
        const real = it[name] as (...given: unknown[]) => Promise<unknown>
        const asked = async (...given: unknown[]): Promise<unknown> => {
          this.calls.push(name)
          await this.before(name, this.count(name))
          return real.apply(it, given)
        }
        Object.assign(it, { [name]: asked })
      }
    }
    guarded(backend, 'connect')
    guarded<JobRepository>(backend.repository, 'purgeAllJobs', 'saveJob', 'getNextJobToRun', 'unlockJob', 'unlockJobs')
    return Promise.resolve(backend)
  }

  count(call: string): number {
    return this.calls.filter((it) => it === call).length
  }
}

/** A rejection that nobody looks at ends the process: `main.ts` leaves it to Node. */
async function unseenDuring(work: () => Promise<unknown>): Promise<string[]> {
  const unseen: string[] = []
  const see = (error: unknown): void => void unseen.push(String(error))
  process.on('unhandledRejection', see)
  try {
    await work()
  } finally {
    process.off('unhandledRejection', see)
  }
  return unseen
}

describe('the start of the alarm clock on a database', () => {
  let fake: sinon.SinonFakeTimers
  let database: Database
  let alarmClock: AgendaClock
  let lines: { level: string; message: string; fields: LogFields | undefined }[]
  let beats: number[]
  let tidied: number[]
  let rung: string[]
  let due: () => Promise<{ id: string; version: number; wakeAt: number }[]>

  beforeEach(() => {
    fake = sinon.useFakeTimers({ now: START })
    database = new Database()
    lines = []
    beats = []
    tidied = []
    rung = []
    due = () => Promise.resolve([{ id: 'm1', version: 1, wakeAt: START + MINUTE }])
    const say =
      (level: string) =>
      (message: string, fields?: LogFields): void =>
        void lines.push({ level, message, fields })
    const log = { info: say('info'), warn: say('warn'), error: say('error') }
    alarmClock = agendaClock({ clock: systemClock(), log, backend: database.open })
    const since = (times: number[]) => () => Promise.resolve(void times.push((Date.now() - START) / SECOND))
    alarmClock.recurring('heartbeat', 30 * SECOND, since(beats))
    alarmClock.recurring('retention', 2 * MINUTE, since(tidied))
  })
  afterEach(async () => {
    const stopped = alarmClock.stop()
    await fake.tickAsync(6 * SECOND)
    await stopped
    fake.restore()
  })

  const broken = (): Promise<never> => Promise.reject(new Error('the primary has stepped down'))
  const start = (): Promise<void> =>
    alarmClock.start(
      (document) => {
        rung.push(document)
        due = () => Promise.resolve([])
        return Promise.resolve()
      },
      () => due(),
    )
  const forward = (ms: number): Promise<number> => fake.tickAsync(ms)
  const said = (level: string): string[] => lines.filter((it) => it.level === level).map(({ message }) => message)

  it('that fails is tried again every five seconds, is said once, and once more when it runs', async () => {
    database.before = (call) => (call === 'connect' ? broken() : Promise.resolve())
    await start()
    expect(alarmClock.agenda()).to.equal(undefined)
    await forward(19 * SECOND)
    expect(database.count('connect')).to.equal(4)
    expect(said('error')).to.have.length(1)
    database.before = () => Promise.resolve()
    await forward(2 * SECOND)
    expect(alarmClock.agenda()).not.to.equal(undefined)
    await forward(5 * MINUTE)
    expect(beats.slice(0, 3)).to.deep.equal([50, 80, 110])
    expect(rung).to.deep.equal(['m1'])
    expect(said('error')).to.deep.equal([
      'the alarm clock did not start: deadlines are watched without it, but nothing recurring is done; it is tried again every few seconds',
    ])
    expect(said('info')).to.deep.equal(['the alarm clock has started after all: recurring work is done again'])
    expect(lines.filter(({ level }) => level === 'warn')).to.deep.equal([])
  })

  for (const [call, nth] of [
    ['connect', 1],
    ['purgeAllJobs', 1],
    ['saveJob', 1],
    ['saveJob', 2],
    ['saveJob', 3],
  ] as const)
    it(`that fails at ${call} ${String(nth)} leaves nothing running: work is done once, and one Agenda looks for it`, async () => {
      database.before = (asked, count) =>
        // Whatever is to be tidied up then meets the same broken line.
        asked === call && count === nth ? broken() : asked === 'unlockJobs' ? broken() : Promise.resolve()
      await start()
      const looked = database.count('getNextJobToRun')
      await forward(4 * SECOND)
      expect(database.count('getNextJobToRun'), 'no look').to.equal(looked)
      await forward(4 * MINUTE)
      expect(beats).to.deep.equal([35, 65, 95, 125, 155, 185, 215])
      const before = database.count('getNextJobToRun')
      await forward(10 * SECOND)
      // Five times a second for each of the four kinds of work, and once more for each job that is found.
      expect(database.count('getNextJobToRun') - before, 'one looks').to.be.within(200, 220)
      expect(rung).to.deep.equal(['m1'])
    })

  it('that comes late begins with what should have been done meanwhile', async () => {
    database.before = (call) => (call === 'connect' ? broken() : Promise.resolve())
    await start()
    await forward(99 * SECOND)
    database.before = () => Promise.resolve()
    await forward(2 * SECOND)
    expect(beats).to.deep.equal([100])
    await forward(60 * SECOND)
    expect(beats).to.deep.equal([100, 130, 160])
    expect(tidied).to.deep.equal([])
  })

  it('that takes longer than that is not joined by another', async () => {
    database.before = async (call, count) => {
      if (call === 'connect') await (count === 1 ? broken() : new Promise((end) => setTimeout(end, 12 * SECOND)))
    }
    await start()
    await forward(2 * MINUTE)
    expect([database.count('connect'), said('error').length, said('info').length]).to.deep.equal([2, 1, 1])
  })

  it('does not wait for what the store cannot say now', async () => {
    let isBroken = true
    const stored = due
    due = () => (isBroken ? broken() : stored())
    await start()
    expect(alarmClock.agenda()).not.to.equal(undefined)
    isBroken = false
    await forward(61 * SECOND)
    expect(beats).to.deep.equal([30, 60])
    expect(rung).to.deep.equal(['m1'])
  })

  it('is tried no more after a stop', async () => {
    database.before = broken
    await start()
    await forward(7 * SECOND)
    await alarmClock.stop()
    expect(fake.countTimers()).to.equal(0)
    database.before = () => Promise.resolve()
    const asked = database.calls.length
    await forward(MINUTE)
    expect(database.calls).to.have.length(asked)
    expect(said('info')).to.deep.equal([])
  })

  for (const call of ['connect', 'purgeAllJobs', 'saveJob'])
    for (const [way, answer] of [
      ['answers', () => Promise.resolve()],
      ['fails', broken],
    ] as const)
      it(`ends when a stop comes while it waits for ${call}, which ${way} after that`, async () => {
        let go: (() => void) | undefined
        database.before = async (asked) => {
          if (asked !== call) return
          await new Promise<void>((resolve) => (go = resolve))
          await answer()
        }
        const started = start()
        while (!go) await forward(1)
        const stopped = alarmClock.stop()
        await forward(SECOND)
        database.before = () => Promise.resolve()
        go()
        await forward(10 * SECOND)
        await Promise.all([started, stopped])
        await forward(MINUTE)
        expect(fake.countTimers()).to.equal(0)
        expect([alarmClock.agenda(), beats, rung]).to.deep.equal([undefined, [], []])
        expect(said('error')).to.deep.equal([])
        if (call === 'connect')
          expect(database.count('purgeAllJobs'), 'another kernel may have jobs by now').to.equal(0)
      })

  it('does not come after a stop', async () => {
    await alarmClock.stop()
    await start()
    await forward(MINUTE)
    expect([database.calls, fake.countTimers()]).to.deep.equal([[], 0])
  })

  it('outlives a line that breaks while Agenda connects for itself, where nobody looks', async () => {
    database.before = (call, count) => (call === 'connect' && count > 1 ? broken() : Promise.resolve())
    const started = start()
    expect(await unseenDuring(() => forward(31 * SECOND))).to.deep.equal([])
    await started
    expect(beats).to.deep.equal([30])
  })

  it('begins lost work anew a second later if that could not be saved', async () => {
    await start()
    await alarmClock.agenda()?.cancel({ name: 'retention' })
    await forward(2 * MINUTE)
    let failures = 2
    database.before = (call) => (call === 'saveJob' && failures-- > 0 ? broken() : Promise.resolve())
    await forward(15 * SECOND)
    expect(tidied).to.have.length(1)
  })
})

describe('Agenda', () => {
  it('outlives a line that breaks while it unlocks a job, where nobody looks', async () => {
    const fake = sinon.useFakeTimers({ now: START })
    try {
      const database = new Database()
      const backend = await database.open()
      const warnings: string[] = []
      const agenda = makeAgenda({ ...silent.log, warn: (message) => void warnings.push(message) }, backend)
      agenda.define('board', () => Promise.resolve())
      // A run whose signs of life did not arrive: another look finds its lock run out, and its next time not come.
      const job = { name: 'board', type: 'single', priority: 0, nextRunAt: new Date(START + MINUTE), data: {} } as const
      const saved = await backend.repository.saveJob(job)
      await backend.repository.saveJobState({ ...saved, lockedAt: new Date(START - MINUTE) })
      database.before = (call) => (call === 'unlockJob' ? Promise.reject(new Error('broken')) : Promise.resolve())
      await agenda.start()
      expect(await unseenDuring(() => fake.tickAsync(SECOND))).to.deep.equal([])
      expect(database.count('unlockJob')).to.be.greaterThan(0)
      expect(warnings).to.have.length(database.count('unlockJob'))
      await agenda.stop()
    } finally {
      fake.restore()
    }
  })
})
