// Agenda on the database: what it promises there, and that the kernel's jobs lie there and hold ids only.
import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { mongoBackend } from '../../../src/jobs/mongo-backend.ts'
import { jobRepositoryContract } from '../../contract/job-repository.ts'
import { startKernel, writesTo } from '../kernel.ts'
import { newName } from './harness.ts'
import { useStandIn } from './use-stand-in.ts'

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe('Agenda on MongoDB', () => {
  const { server, client } = useStandIn()

  jobRepositoryContract('MongoDB', () => Promise.resolve(mongoBackend(client().db(newName()))))

  it('keeps there what the kernel is woken for, by ids, and the page of jobs shows it', async () => {
    const database = newName()
    const kernel = await startKernel({
      IMOK_MONGODB_URL: server().url(database),
      IMOK_SECRET_KEY: randomBytes(32).toString('base64'),
      IMOK_SIMULATOR: 'on',
    })
    try {
      await writesTo(kernel, 'IN 5m', '+447700900001')
      const jobs = client().db(database).collection('jobs')
      for (const until = Date.now() + 20_000; !(await jobs.findOne({ name: 'wake' })); await sleep(200))
        if (Date.now() > until) throw new Error(`no job was made:\n${kernel.output()}`)
      const members = await client().db(database).collection('documents').find({ kind: 'member' }).toArray()
      for (const { data } of await jobs.find({ name: 'wake' }).toArray()) {
        expect(Object.keys(data as object)).to.have.members(['document', 'version'])
        expect(members.map(({ _id }) => String(_id))).to.include((data as { document: string }).document)
      }
      const names = new Set((await jobs.find().toArray()).map(({ name }) => String(name)))
      expect([...names]).to.include.members(['heartbeat', 'board', 'read-back', 'retention'])
      const shown = await fetch(`${kernel.url}/jobs/api`)
      expect([shown.status, await shown.text()].join(' ')).to.match(/^200 .*"wake"/)
    } finally {
      await kernel.stop()
    }
  })
})
