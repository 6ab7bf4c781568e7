import { expect } from 'chai'
import type { AgendaBackend, JobId, JobParameters, JobRepository } from 'agenda'

const MINUTE = 60_000

/** What the jobs need of whatever Agenda keeps them in. */
export function jobRepositoryContract(name: string, open: () => Promise<AgendaBackend>): void {
  describe(`${name} keeps Agenda's jobs`, () => {
    const now = Date.parse('2026-11-17T11:00:00Z')
    const at = (minutes: number): Date => new Date(now + minutes * MINUTE)
    const lockedBefore = at(-5)
    let backend: AgendaBackend
    let jobs: JobRepository
    beforeEach(async () => {
      backend = await open()
      await backend.connect()
      jobs = backend.repository
    })
    afterEach(() => backend.disconnect())

    const fresh = (minutes: number, more: Partial<JobParameters> = {}): JobParameters => ({
      name: 'wake',
      type: 'normal',
      priority: 0,
      nextRunAt: at(minutes),
      data: { document: 'm1', version: 1 },
      ...more,
    })
    const save = (minutes: number, more: Partial<JobParameters> = {}) => jobs.saveJob(fresh(minutes, more), undefined)
    const take = (until: Date, jobName = 'wake') => jobs.getNextJobToRun(jobName, until, lockedBefore, at(0), undefined)
    const read = async ({ _id }: JobParameters) => jobs.getJobById(String(_id))
    const failure = async (work: Promise<unknown>) =>
      work.then(
        () => 'none',
        (error: unknown) => error instanceof Error,
      )

    it('gives every new job an id of its own, also if it looks like another', async () => {
      const ids = [(await save(1))._id, (await save(1))._id, (await save(2))._id]
      expect(new Set(ids).size).to.equal(3)
      expect(await jobs.queryJobs().then(({ total }) => total)).to.equal(3)
    })

    it('keeps what it was given, and hands out copies', async () => {
      const saved = await save(1)
      saved.nextRunAt = at(99)
      const found = await read(saved)
      expect(found).to.deep.include({ name: 'wake', nextRunAt: at(1), data: { document: 'm1', version: 1 } })
      found!.nextRunAt = at(98)
      expect((await read(saved))?.nextRunAt).to.deep.equal(at(1))
      expect(await jobs.getJobById('404404404404404404404404')).to.equal(null)
    })

    it('hands out the soonest that is due, and of those the most important', async () => {
      await save(2, { data: 'later' })
      await save(1, { data: 'sooner' })
      await save(1, { data: 'urgent', priority: 10 })
      await save(9, { data: 'much later' })
      await save(0, { name: 'sweep' })
      const taken: unknown[] = []
      for (let asked = 0; asked < 4; asked++) taken.push((await take(at(5)))?.data)
      expect(taken).to.deep.equal(['urgent', 'sooner', 'later', undefined])
    })

    it('hands out each to one, however many ask at once', async () => {
      for (const data of ['a', 'b', 'c']) await save(1, { data })
      const taken = await Promise.all([1, 2, 3, 4, 5].map(() => take(at(5))))
      const given = taken.flatMap((job) => (job ? [job.data as string] : []))
      expect(given.sort()).to.deep.equal(['a', 'b', 'c'])
    })

    it('gives out a locked job again when its lock has run out, whatever its time', async () => {
      const running = await save(0)
      const taken = await take(at(5))
      await jobs.saveJobState({ ...taken!, nextRunAt: null, lockedAt: at(-4) }, undefined)
      expect(await take(at(5))).to.equal(undefined)
      await jobs.saveJobState({ ...taken!, nextRunAt: null, lockedAt: at(-6) }, undefined)
      const again = await take(at(5))
      expect(again?._id).to.equal(running._id)
      expect(again?.lockedAt).to.deep.equal(at(0))
    })

    it('gives out no job that is done, disabled or locked', async () => {
      const done = await save(0)
      await jobs.saveJobState({ ...done, nextRunAt: null }, undefined)
      await save(0, { name: 'off' })
      await jobs.disableJobs({ name: 'off' })
      expect(await take(at(5))).to.equal(undefined)
      expect(await take(at(5), 'off')).to.equal(undefined)
      expect(await jobs.enableJobs({ name: 'off' })).to.equal(1)
      expect((await take(at(5), 'off'))?.name).to.equal('off')
    })

    it('locks a job for one, and for nobody once it was moved', async () => {
      const job = await save(1)
      const locked = await Promise.all([jobs.lockJob(job, undefined), jobs.lockJob(job, undefined)])
      expect(locked.filter(Boolean)).to.have.length(1)
      await jobs.unlockJob(job)
      expect(await jobs.lockJob({ ...job, nextRunAt: at(2) }, undefined)).to.equal(undefined)
      expect((await jobs.lockJob(job, undefined))?._id).to.equal(job._id)
    })

    it('unlocks what waits for its turn; unlocking what is gone does no harm', async () => {
      const ids = [await save(1), await save(2)].map(({ _id }) => _id as JobId)
      await take(at(5))
      await take(at(5))
      expect(await take(at(5))).to.equal(undefined)
      await jobs.unlockJobs([...ids, '404404404404404404404404'])
      expect((await take(at(5)))?._id).to.equal(ids[0])
    })

    it('refuses to save a job, or how it went, when it was removed', async () => {
      const job = await save(1)
      expect(await jobs.removeJobs({ id: String(job._id) })).to.equal(1)
      expect(await failure(jobs.saveJobState({ ...job, lockedAt: at(0) }, undefined))).to.equal(true)
      expect(await read(job)).to.equal(null)
      expect(await jobs.removeJobs({ id: String(job._id) })).to.equal(0)
    })

    it('keeps one recurring job for each name, and its turn when it is defined again', async () => {
      const first = await save(-1, { name: 'sweep', type: 'single', repeatInterval: 5000 })
      const again = await save(-0.5, { name: 'sweep', type: 'single', repeatInterval: 7000 })
      expect(again._id).to.equal(first._id)
      const kept = await read(first)
      expect(kept?.repeatInterval).to.equal(7000)
      expect(kept?.nextRunAt).to.deep.equal(at(-1))
      await save(24 * 60 * 3650, { name: 'sweep', type: 'single' })
      expect((await read(first))?.nextRunAt).to.deep.equal(at(24 * 60 * 3650))
      expect(await jobs.queryJobs({ name: 'sweep' }).then(({ total }) => total)).to.equal(1)
    })

    it('removes by id, by name and by data, and nothing when not told what', async () => {
      for (const document of ['m1', 'm2']) for (const version of [1, 2]) await save(1, { data: { document, version } })
      await save(1, { name: 'sweep', data: {} })
      expect(await jobs.removeJobs({})).to.equal(0)
      expect(await jobs.removeJobs({ data: { document: 'm1', version: 1 } })).to.equal(1)
      expect(await jobs.removeJobs({ names: ['sweep', 'other'] })).to.equal(1)
      expect(await jobs.removeJobs({ notNames: ['wake'] })).to.equal(0)
      expect(await jobs.purgeAllJobs()).to.equal(3)
    })

    it('shows the jobs: their states, in order, a page at a time', async () => {
      const long = 60 * 24 * 365 * 100
      for (const n of [3, 1, 2]) await save(long + n)
      await save(-1)
      await save(long, { name: 'sweep', type: 'single', repeatInterval: 5000 })
      const page = await jobs.queryJobs({ name: 'wake', sort: { nextRunAt: 'asc' }, skip: 1, limit: 2 })
      expect(page.total).to.equal(4)
      expect(page.jobs.map((job) => [job.state, job.nextRunAt])).to.deep.equal(
        [1, 2].map((n) => ['scheduled', at(long + n)]),
      )
      expect(await jobs.getDistinctJobNames()).to.deep.equal(['sweep', 'wake'])
      const overview = await jobs.getJobsOverview()
      expect(overview.find((it) => it.name === 'wake')).to.include({ total: 4, scheduled: 3, queued: 1 })
      expect(overview.find((it) => it.name === 'sweep')).to.include({ total: 1, repeating: 1 })
      expect(await jobs.getQueueSize()).to.equal(1)
    })
  })
}
