import { fileURLToPath } from 'node:url'
import express, { Router } from 'express'
import type { RequestHandler } from 'express'
import { onlyMethods } from '../failures.ts'
import { renderPage } from './page.ts'
import type { PageOptions } from './words.ts'

export type { PageOptions, PageWords } from './words.ts'

const ASSETS = fileURLToPath(new URL('../assets/', import.meta.url))

/** The page at `/simulator`, its assets, and `/` that leads there. `guard` lets only direct loopback requests pass. */
export function simulatorPage(options: PageOptions & { guard: RequestHandler }): Router {
  const { guard } = options
  const routes = Router()
  let page: Promise<string> | undefined
  routes.get('/', guard, (_request, response) => response.redirect(302, '/simulator'))
  routes.get('/simulator', guard, async (_request, response) => {
    page ??= renderPage(options)
    response
      .set('cache-control', 'no-cache')
      .type('html')
      .send(await page)
  })
  // no-cache: the browser asks each time and gets 304, so that a new version never runs with old scripts.
  const headers = {
    setHeaders: (response: { setHeader(name: string, value: string): void }) =>
      response.setHeader('cache-control', 'no-cache'),
  }
  routes.use('/simulator/assets', guard, express.static(ASSETS, { index: false, redirect: false, ...headers }))
  routes.all(['/', '/simulator'], onlyMethods('GET'))
  return routes
}
