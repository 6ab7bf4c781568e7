import { Router } from 'express'
import { refuse } from './answers.ts'
import { loopbackOnly } from './loopback.ts'

/** Instead of the pages while the data key is missing: what they would show cannot be read, and a text from a page could not be kept for anybody. */
export function lockedPages(todo: string): Router {
  const routes = Router()
  routes.all(['/', '/simulator', '/simulator/*rest', '/jobs', '/jobs/*rest'], loopbackOnly, (_request, response) => {
    response.set('retry-after', '30')
    refuse(response, 503, `imok is locked: it cannot read its records, and does not watch. ${todo}`)
  })
  return routes
}
