import express from 'express'
import type { Router } from 'express'
import type { Config } from '../config/config.ts'
import { healthRoutes } from '../http/health.ts'
import type { Readiness } from '../http/health.ts'
import { lateRoutes } from '../http/late-routes.ts'
import { startHttp } from '../http/server.ts'
import type { MetricsOfKernel } from '../metrics/metrics.ts'
import type { Log } from '../ports/log.ts'
import type { Role } from './terms.ts'

const WEBHOOKS = ['/sms', '/telegram', '/voice']

/** What the world sees of a kernel. What stands behind it changes: a locked kernel, and then one that watches. */
export interface Front {
  port: number
  /** Where providers call us. */
  webhookPort: number
  /** What `/readyz` says. */
  says: { watching: () => Readiness; role: () => Role | undefined }
  /** From now on these answer. */
  open: (routes: { webhookRoutes: Router; pages: Router }) => void
  close: () => Promise<void>
}

/** Listens. Rejects with one clear sentence when an address is taken. */
export async function openFront(config: Config, log: Log, metrics: MetricsOfKernel): Promise<Front> {
  const webhooks = lateRoutes(WEBHOOKS)
  const pages = lateRoutes(['/simulator', '/jobs'])
  const says: Front['says'] = {
    watching: () => ({ ok: false, reasons: ['starting'] }),
    role: () => undefined,
  }
  const mainRoutes = express.Router()
  mainRoutes.use(
    healthRoutes({
      ready: () => says.watching(),
      role: () => says.role(),
      metrics: { contentType: metrics.contentType, text: metrics.metricsText },
    }),
    pages.routes,
  )
  const http = await startHttp({ ...config.http, mainRoutes, webhookRoutes: webhooks.routes, log, metrics })
  return {
    port: http.port,
    webhookPort: http.webhookPort ?? http.port,
    says,
    open: (routes) => {
      webhooks.open(routes.webhookRoutes)
      pages.open(routes.pages)
    },
    close: () => http.close(),
  }
}
