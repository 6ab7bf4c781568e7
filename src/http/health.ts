import { Router } from 'express'
import { onlyMethods } from './failures.ts'
import { loopbackOnly } from './loopback.ts'

export interface Readiness {
  ok: boolean
  /** Short and without private data: `store-cannot-write`, `reading-providers-back`. */
  reasons: string[]
}

export interface HealthOptions {
  /** Whether anybody is watching. */
  ready(): Readiness
  /** Where there are several kernels: whether this one acts. Undefined where there are not, or while it is not known. */
  role?: () => 'active' | 'standby' | undefined
  metrics: { contentType: string; text(): Promise<string> }
}

/**
 * `/healthz` (200 as long as the process answers), `/readyz` (200 when watching, else 503 and why) and `/metrics`.
 * The first two hold nothing private and are for anybody's probe. The metrics hold no names either, but they show when
 * people are out and when alarms ring, which is nobody's business across a network: like the simulator they answer only
 * direct loopback requests, and a scraper on another machine comes through a tunnel that the operator makes (ssh -L).
 */
export function healthRoutes(options: HealthOptions): Router {
  const router = Router()
  router.get('/healthz', (_request, response) => {
    response.set('cache-control', 'no-store').type('text/plain').send('ok\n')
  })
  router.get('/readyz', (_request, response) => {
    const { ok, reasons } = options.ready()
    response.status(ok ? 200 : 503).set('cache-control', 'no-store')
    const role = options.role?.()
    response.type('json').send(`${JSON.stringify({ ready: ok, reasons, ...(role && { role }) })}\n`)
  })
  router.get('/metrics', loopbackOnly, async (_request, response) => {
    const text = await options.metrics.text()
    response.set('cache-control', 'no-store').set('content-type', options.metrics.contentType).send(text)
  })
  router.all(['/healthz', '/readyz', '/metrics'], onlyMethods('GET'))
  return router
}
