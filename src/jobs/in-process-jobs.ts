import { computeJobState, toJobId } from 'agenda'
import type {
  JobId,
  JobParameters,
  JobRepository,
  JobRepositoryOptions,
  JobsOverview,
  JobsQueryOptions,
  JobsResult,
  JobWithState,
  RemoveJobsOptions,
} from 'agenda'
import { isPartOf, sorted } from './job-query.ts'

/** A job that is saved or run but was removed in the meantime. Nothing is wrong: an older version of it was called off. */
export class JobGone extends Error {
  constructor() {
    super('this job was called off')
    this.name = 'JobGone'
  }
}

type Row = JobParameters & { _id: JobId }

/**
 * Agenda's jobs in this process's memory. They die with it, which is meant: the truth is in the documents, and the jobs for the next
 * minutes are made again from them. What is given in and out is copied, so that nobody holds a row.
 */
export class InProcessJobs implements JobRepository {
  readonly #rows = new Map<string, Row>()
  #count = 0

  connect(): Promise<void> {
    return Promise.resolve()
  }

  saveJob<DATA = unknown>(job: JobParameters<DATA>, options?: JobRepositoryOptions): Promise<JobParameters<DATA>> {
    const { _id, unique, uniqueOpts, ...fields } = job
    // Measured: moving a job inside its own handler, or while it is about to run, loses it.
    if (unique || uniqueOpts)
      return Promise.reject(new Error('jobs are made anew, never moved: unique is not supported'))
    const old = _id ? this.#rows.get(_id) : fields.type === 'single' ? this.#single(fields.name) : undefined
    if (_id && !old) return Promise.reject(new JobGone())
    const kept = { ...fields, ...modifiedBy(options) }
    // A recurring job that is due keeps its turn, whoever defines it again.
    if (!_id && old && fields.nextRunAt && fields.nextRunAt <= new Date()) kept.nextRunAt = old.nextRunAt
    const row = { ...old, ...kept, _id: old?._id ?? toJobId(String(++this.#count)) } as Row
    this.#rows.set(row._id, row)
    return Promise.resolve({ ...row } as JobParameters<DATA>)
  }

  saveJobState(job: JobParameters, options?: JobRepositoryOptions): Promise<void> {
    const row = job._id && this.#rows.get(job._id)
    if (!row) return Promise.reject(new JobGone())
    const { lockedAt, nextRunAt, lastRunAt, progress, failReason, failCount, failedAt, lastFinishedAt } = job
    const state = { lockedAt, nextRunAt, lastRunAt, progress, failReason, failCount, failedAt, lastFinishedAt }
    Object.assign(row, state, modifiedBy(options))
    return Promise.resolve()
  }

  lockJob(job: JobParameters, options?: JobRepositoryOptions): Promise<JobParameters | undefined> {
    const row = job._id && this.#rows.get(job._id)
    const isFree = row && !row.lockedAt && !row.disabled && row.nextRunAt?.getTime() === job.nextRunAt?.getTime()
    return Promise.resolve(isFree ? this.#lock(row, new Date(), options) : undefined)
  }

  unlockJob(job: JobParameters): Promise<void> {
    return this.unlockJobs(job._id ? [job._id] : [])
  }

  unlockJobs(ids: (JobId | string)[]): Promise<void> {
    for (const id of ids) {
      const row = this.#rows.get(id)
      // Without a next run it is running: then its lock is its own.
      if (row?.nextRunAt) delete row.lockedAt
    }
    return Promise.resolve()
  }

  getNextJobToRun(
    name: string,
    nextScanAt: Date,
    lockDeadline: Date,
    now: Date | undefined = new Date(),
    options?: JobRepositoryOptions,
  ): Promise<JobParameters | undefined> {
    let next: Row | undefined
    for (const row of this.#rows.values()) {
      if (row.name !== name || row.disabled) continue
      const isFree = row.lockedAt ? row.lockedAt <= lockDeadline : row.nextRunAt !== null && row.nextRunAt <= nextScanAt
      if (isFree && (!next || isSooner(row, next))) next = row
    }
    return Promise.resolve(next && this.#lock(next, now, options))
  }

  getJobById(id: string): Promise<JobParameters | null> {
    const row = this.#rows.get(id)
    return Promise.resolve(row ? { ...row } : null)
  }

  queryJobs(options: JobsQueryOptions = {}): Promise<JobsResult> {
    const { state, search, includeDisabled = true, sort, skip = 0, limit = Infinity } = options
    const found = this.#matching(options)
      .filter((row) => (includeDisabled || !row.disabled) && (!search || row.name.includes(search)))
      .map((row): JobWithState => ({ ...row, state: stateOf(row) }))
      .filter((job) => !state || job.state === state)
    return Promise.resolve({ jobs: sorted(found, sort).slice(skip, skip + (limit || Infinity)), total: found.length })
  }

  async getJobsOverview(): Promise<JobsOverview[]> {
    const names = await this.getDistinctJobNames()
    const none = { total: 0, running: 0, scheduled: 0, queued: 0, completed: 0, failed: 0, repeating: 0, paused: 0 }
    const overviews = new Map(names.map((name) => [name, { name, ...none }]))
    for (const row of this.#rows.values()) {
      const overview = overviews.get(row.name)
      if (!overview) continue
      overview.total++
      overview[stateOf(row)]++
    }
    return [...overviews.values()]
  }

  getDistinctJobNames(): Promise<string[]> {
    return Promise.resolve([...new Set([...this.#rows.values()].map(({ name }) => name))].sort())
  }

  getQueueSize(): Promise<number> {
    const now = new Date()
    return Promise.resolve([...this.#rows.values()].filter(({ nextRunAt }) => nextRunAt && nextRunAt < now).length)
  }

  removeJobs(options: RemoveJobsOptions): Promise<number> {
    // Nobody who forgot to say which ones may remove them all; for that there is purgeAllJobs.
    const chosen = isEmpty(options) ? [] : this.#matching(options)
    for (const { _id } of chosen) this.#rows.delete(_id)
    return Promise.resolve(chosen.length)
  }

  disableJobs(options: RemoveJobsOptions): Promise<number> {
    return this.#setDisabled(options, true)
  }

  enableJobs(options: RemoveJobsOptions): Promise<number> {
    return this.#setDisabled(options, false)
  }

  purgeAllJobs(): Promise<number> {
    const count = this.#rows.size
    this.#rows.clear()
    return Promise.resolve(count)
  }

  #single(name: string): Row | undefined {
    return [...this.#rows.values()].find((row) => row.name === name && row.type === 'single')
  }

  #lock(row: Row, now: Date, options: JobRepositoryOptions | undefined): JobParameters {
    Object.assign(row, { lockedAt: now }, modifiedBy(options))
    return { ...row }
  }

  #setDisabled(options: RemoveJobsOptions, disabled: boolean): Promise<number> {
    const chosen = isEmpty(options) ? [] : this.#matching(options)
    for (const row of chosen) row.disabled = disabled
    return Promise.resolve(chosen.length)
  }

  #matching({ id, ids, name, names, notNames, data }: RemoveJobsOptions): Row[] {
    // By id without looking at the others: this is asked for every job that is done.
    const one = id === undefined ? undefined : this.#rows.get(id)
    const rows = id === undefined ? [...this.#rows.values()] : one ? [one] : []
    return rows.filter(
      (row) =>
        (ids === undefined || ids.includes(row._id)) &&
        (name === undefined || row.name === name) &&
        (names === undefined || names.includes(row.name)) &&
        (notNames === undefined || !notNames.includes(row.name)) &&
        (data === undefined || isPartOf(data, row.data)),
    )
  }
}

const isSooner = (a: Row, b: Row): boolean => {
  const difference = (a.nextRunAt?.getTime() ?? 0) - (b.nextRunAt?.getTime() ?? 0)
  return difference < 0 || (difference === 0 && a.priority > b.priority)
}

const isEmpty = (options: RemoveJobsOptions): boolean => Object.values(options).every((value) => value === undefined)

const modifiedBy = ({ lastModifiedBy }: JobRepositoryOptions = {}): Pick<JobParameters, 'lastModifiedBy'> =>
  lastModifiedBy === undefined ? {} : { lastModifiedBy }

const stateOf = (row: Row): JobWithState['state'] => (row.disabled ? 'paused' : computeJobState(row))
