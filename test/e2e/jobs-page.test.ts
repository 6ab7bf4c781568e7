// What is to come, as an operator sees it: nothing on the page offers to change it.
import { expect } from 'chai'
import { useBrowser } from './browser.ts'
import type { RunningKernel } from './kernel.ts'
import { startKernel, writesTo } from './kernel.ts'

describe('The page of jobs', () => {
  const openPage = useBrowser()
  let kernel: RunningKernel
  before(async () => {
    kernel = await startKernel({ IMOK_SIMULATOR: 'on' })
    await writesTo(kernel, 'IN 5m', '+447700900001')
  })
  after(() => kernel.stop())

  it('shows when somebody is woken for, and no button that would change it', async () => {
    const page = await openPage({ viewport: { width: 1280, height: 900 } })
    await page.goto(`${kernel.url}/jobs`)
    const woken = page.getByRole('cell', { name: 'wake' })
    // It asks again by itself, but only twice a minute.
    for (let tries = 0; tries < 20 && (await woken.count()) === 0; tries++) {
      await page.waitForTimeout(500)
      await page.getByTitle('Refresh now').click()
    }
    await woken.waitFor()
    for (const name of [/New Job/, /Delete/, /Requeue/, /Pause/])
      expect(await page.getByRole('button', { name }).filter({ visible: true }).count(), String(name)).to.equal(0)
    expect(await page.locator('main table button').filter({ visible: true }).count()).to.equal(0)
    const answer = await page.request.delete(`${kernel.url}/jobs/api/jobs`)
    expect(answer.status()).to.equal(405)
  })
})
