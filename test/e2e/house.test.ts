import { expect } from 'chai'
import { useBrowser } from './browser.ts'
import { type RunningKernel, startKernel } from './kernel.ts'

describe('npm start', () => {
  const open = useBrowser()
  let kernel: RunningKernel

  before(async () => {
    kernel = await startKernel()
  })
  after(() => kernel.stop())

  it('answers a browser', async () => {
    const page = await open()
    const answer = await page.goto(`${kernel.url}/healthz`)
    expect(answer?.status()).to.equal(200)
  })

  it('is gone within 10 s of a SIGTERM', async () => {
    const before = Date.now()
    await kernel.stop()
    expect(Date.now() - before).to.be.lessThan(10_000)
  })
})
