// A browser for a test file: opened once, closed after its tests.
import { after, before } from 'mocha'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { chromiumFlags, findChromium } from './chromium.mjs'

/** Call inside describe(); the function it returns opens a fresh page with nothing remembered. */
export function useBrowser(): (options?: BrowserContextOptions) => Promise<Page> {
  let browser: Browser | undefined
  before(async () => {
    const executablePath = findChromium()
    if (executablePath === undefined) throw new Error('No Chromium here: run "npm run test:e2e", which installs it.')
    browser = await chromium.launch({ executablePath, args: chromiumFlags })
  })
  after(async () => {
    await browser?.close()
  })
  return async (options = {}) => {
    if (browser === undefined) throw new Error('Open a page inside a test, not before it.')
    return (await browser.newContext(options)).newPage()
  }
}
