import { readFile } from 'node:fs/promises'
import type { Agenda } from 'agenda'
import { Router } from 'express'
import type { RequestHandler } from 'express'
import { refuse } from './answers.ts'
import { onlyMethods } from './failures.ts'

/** Agendash has no way to leave out what changes something: it is not shown. The columns are those of the boxes to tick and of the buttons. */
const LOOKING = `
.sidebar-container > .btn-success,
main .d-flex.justify-content-end.mb-2,
main .table tr > :first-child,
main .table tr > :last-child { display: none !important; }
.navbar-brand::after { content: " \\00b7  to be looked at, not changed"; font-size: 0.7em; opacity: 0.8; }
`

/** Its page, and our rules beside it. */
async function looking(): Promise<string> {
  const file = new URL('../public/index.html', import.meta.resolve('agendash'))
  const html = await readFile(file, 'utf8')
  return html.replace('</head>', '<link rel="stylesheet" href="./looking.css"></head>')
}

/**
 * `/jobs`: Agendash, for looking only. By itself it also deletes, makes and pauses jobs, so nothing but GET reaches it. `guard` lets only direct
 * loopback requests pass.
 */
export function jobsPage({ agenda, guard }: { agenda: () => Agenda | undefined; guard: RequestHandler }): Router {
  let shown: { of: Agenda; page: RequestHandler } | undefined
  const pageOf = async (of: Agenda): Promise<RequestHandler> => {
    if (shown?.of === of) return shown.page
    const { createExpressMiddleware } = await import('agendash')
    shown = { of, page: createExpressMiddleware(of) as RequestHandler }
    return shown.page
  }
  const routes = Router()
  const refuseOthers = onlyMethods('GET')
  routes.use('/jobs', guard, (request, response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD') next()
    else refuseOthers(request, response, next)
  })
  // Its page asks for its parts by relative addresses.
  routes.get('/jobs', (request, response, next) => {
    if (request.path.endsWith('/')) next()
    else response.redirect(302, '/jobs/')
  })
  routes.get('/jobs/looking.css', (_request, response) => void response.type('css').send(LOOKING))
  routes.use('/jobs', async (request, response, next) => {
    const of = agenda()
    if (!of) return refuse(response, 503, 'no jobs here: this kernel is starting, or another one is active')
    if (request.path === '/') {
      const policy = String(response.getHeader('Content-Security-Policy'))
      // Its arrows are pictures in its style sheet.
      response.setHeader('Content-Security-Policy', policy.replace("img-src 'self'", "img-src 'self' data:"))
      return void response.type('html').send(await looking())
    }
    const page = await pageOf(of)
    page(request, response, next)
  })
  return routes
}
