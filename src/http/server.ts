import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import type { Express, RequestHandler, Router } from 'express'
import type { Log, Metrics } from '../ports/log.ts'
import { refuse } from './answers.ts'
import { closingOf } from './closing.ts'
import { failed, notFound } from './failures.ts'
import { securityHeaders } from './security-headers.ts'

/** Bytes of a body. A text of 10,000 characters fits; nothing that we serve needs more. */
export const LARGEST_BODY = 64 * 1024

/** Milliseconds for the headers to arrive, and for the whole request: a slow sender must not hold a connection. */
const HEADERS_WITHIN = 10_000
const REQUEST_WITHIN = 30_000
/** Longer than tunnels and proxies keep an idle connection (cloudflared 90 s, nginx 60 s): the side that reuses must close first. */
const KEEP_ALIVE = 95_000
/** Connections of one port. Above it new ones are dropped, so that a flood cannot use up the files the store needs. */
const MOST_CONNECTIONS = 1_000

export interface HttpOptions {
  /** Where to listen, e.g. `127.0.0.1`. */
  host: string
  /** 0 takes any free one. */
  port: number
  /** With it the providers' routes are served there and nothing else is, so that a tunnel can expose them alone. */
  webhookPort?: number | undefined
  mainRoutes: Router
  webhookRoutes: Router
  log: Log
  metrics: Metrics
}

export interface Http {
  port: number
  webhookPort?: number
  /** Lets running requests end (2 s at most), then closes every connection. */
  close(): Promise<void>
}

/** Listens. Rejects with one clear sentence when an address is taken or forbidden; then nothing is left listening. */
export async function startHttp(options: HttpOptions): Promise<Http> {
  const { host, port, webhookPort, mainRoutes, webhookRoutes, log, metrics } = options
  const split = webhookPort !== undefined
  const main = await listen(
    application(split ? [mainRoutes] : [webhookRoutes, mainRoutes], 'main', log, metrics),
    host,
    port,
    log,
  )
  if (!split) return { port: main.port, close: () => main.close() }
  try {
    const webhooks = await listen(application([webhookRoutes], 'webhook', log, metrics), host, webhookPort, log)
    return {
      port: main.port,
      webhookPort: webhooks.port,
      close: async () => {
        await Promise.all([main.close(), webhooks.close()])
      },
    }
  } catch (error) {
    await main.close()
    throw error
  }
}

function application(routes: Router[], door: 'main' | 'webhook', log: Log, metrics: Metrics): Express {
  const app = express()
  app.disable('x-powered-by')
  // The peer address is whoever is connected; what a header claims about it is never believed.
  app.set('trust proxy', false)
  app.set('query parser', 'simple')
  app.use(counted(door, metrics), securityHeaders, bounded)
  for (const router of routes) app.use(router)
  app.use(notFound, failed(log))
  return app
}

const counted =
  (door: string, metrics: Metrics): RequestHandler =>
  (_request, response, next) => {
    response.once('finish', () => {
      metrics.count('imok_http_requests_total', { door, status: `${Math.floor(response.statusCode / 100)}xx` })
      const reason: unknown = response.locals['rejection']
      if (typeof reason === 'string') metrics.count('imok_rejected_requests_total', { reason })
    })
    next()
  }

/** Refuses a body by its announced length before a byte is read; the parsers bound those that announce none. */
const bounded: RequestHandler = (request, response, next) => {
  if (Number(request.headers['content-length'] ?? 0) <= LARGEST_BODY) {
    next()
    return
  }
  response.set('connection', 'close')
  refuse(response, 413, 'the body is larger than 64 kB', 'too-large')
}

/** One listening port. */
interface Door {
  port: number
  close(): Promise<void>
}

function listen(app: Express, host: string, port: number, log: Log): Promise<Door> {
  const server = createServer({
    headersTimeout: HEADERS_WITHIN,
    requestTimeout: REQUEST_WITHIN,
    keepAliveTimeout: KEEP_ALIVE,
    connectionsCheckingInterval: 5_000,
  })
  server.maxConnections = MOST_CONNECTIONS
  const close = closingOf(server)
  server.on('request', (request, response) => void app(request, response))
  return new Promise((resolve, reject) => {
    const refused = (error: Error): void => reject(explained(error, host, port))
    server.once('error', refused)
    server.listen(port, host, () => {
      server.off('error', refused)
      // A connection that cannot be accepted (no files left) must not end the process that watches.
      server.on('error', (error: NodeJS.ErrnoException) => log.error('http server', { code: error.code ?? error.name }))
      resolve({ port: (server.address() as AddressInfo).port, close })
    })
  })
}

function explained(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const where = `${host}:${port}`
  const sentences: Record<string, string> = {
    EADDRINUSE: `Port ${port} on ${host} is in use by another program: stop that program, or choose another port with IMOK_HTTP_PORT or IMOK_WEBHOOK_PORT.`,
    EACCES: `This user may not listen on ${where}: choose a port above 1023 with IMOK_HTTP_PORT or IMOK_WEBHOOK_PORT.`,
    EADDRNOTAVAIL: `This machine has no address ${host}: set IMOK_HTTP_HOST to one that it has, e.g. 127.0.0.1.`,
    ENOTFOUND: `The host name ${host} is not known: set IMOK_HTTP_HOST to an address of this machine, e.g. 127.0.0.1.`,
  }
  return new Error(sentences[error.code ?? ''] ?? `Cannot listen on ${where} (${error.code ?? error.name}).`, {
    cause: error,
  })
}
