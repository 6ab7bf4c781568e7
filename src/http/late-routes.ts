import { Router } from 'express'
import { refuse } from './answers.ts'

/**
 * Routes that come into being after the server listens: webhooks before the store is open. Until `open` is called
 * every request to `paths` is 503, so that providers try again instead of taking 404 for an answer.
 */
export function lateRoutes(paths: string[]): { routes: Router; open(routes: Router): void } {
  let opened: Router | undefined
  const routes = Router()
  routes.use((request, response, next) => {
    if (opened) opened(request, response, next)
    else if (paths.some((path) => request.path === path || request.path.startsWith(`${path}/`))) {
      response.set('retry-after', '1')
      refuse(response, 503, 'starting; try again')
    } else next()
  })
  return { routes, open: (later) => void (opened = later) }
}
