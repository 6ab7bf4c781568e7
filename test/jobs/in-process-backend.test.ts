import { expect } from 'chai'
import { toJobId } from 'agenda'
import { InProcessBackend, InProcessNotifications } from '../../src/jobs/in-process-backend.ts'
import { jobRepositoryContract } from '../contract/job-repository.ts'

jobRepositoryContract('the in-process backend', () => Promise.resolve(new InProcessBackend()))

describe('the in-process backend', () => {
  it('refuses to move a job by a unique query: measured, that loses it', async () => {
    const { repository } = new InProcessBackend()
    const job = { name: 'wake', type: 'normal', priority: 0, nextRunAt: new Date(), data: {} } as const
    const refused = await repository
      .saveJob({ ...job, unique: { 'data.document': 'm1' } })
      .catch((error: unknown) => error)
    expect(refused).to.be.instanceOf(Error)
  })

  it('tells of jobs while it is connected; a listener that fails harms nobody', async () => {
    const channel = new InProcessNotifications()
    const heard: unknown[] = []
    const errors: unknown[] = []
    channel.on('error', (error: Error) => errors.push(error.message))
    await channel.connect()
    channel.subscribe(() => Promise.reject(new Error('broken')))
    const off = channel.subscribe(({ jobId }) => void heard.push(jobId))
    const news = { jobId: toJobId('7'), jobName: 'wake', nextRunAt: null, priority: 0, timestamp: new Date() }
    await channel.publish(news)
    await new Promise((resolve) => setImmediate(resolve))
    off()
    await channel.publish(news)
    expect(heard).to.deep.equal(['7'])
    expect(errors).to.deep.equal(['broken', 'broken'].slice(0, errors.length))
    await channel.disconnect()
    expect(channel.state).to.equal('disconnected')
  })
})
