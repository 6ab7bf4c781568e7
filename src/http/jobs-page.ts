import type { Agenda } from 'agenda'
import { Router } from 'express'
import type { RequestHandler } from 'express'
import { refuse } from './answers.ts'
import { onlyMethods } from './failures.ts'

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
  routes.use('/jobs', async (request, response, next) => {
    const of = agenda()
    if (!of) return refuse(response, 503, 'no jobs here: this kernel is starting, or another one is active')
    const page = await pageOf(of)
    page(request, response, next)
  })
  return routes
}
