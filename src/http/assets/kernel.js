// Talks to the kernel. Every call ends: one that hangs is given up and tried again by whoever asked.

const WITHIN = 5000 // ms for an answer; the kernel is on this machine

/** The answer as JSON. Throws `Refused` (with the kernel's own line) for a 4xx, and an ordinary error for anything else. */
async function ask(path, body) {
  const options = body && {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }
  const response = await fetch(path, { ...options, cache: 'no-store', signal: AbortSignal.timeout(WITHIN) })
  if (response.ok) return response.json()
  const { error } = await response.json().catch(() => ({}))
  if (response.status >= 400 && response.status < 500) throw new Refused(error)
  throw new Error(`${path} answered ${response.status}`)
}

export class Refused extends Error {}

export const write = (from, text) => ask('/simulator/messages', { from, text })
export const tap = (from, label, to) => ask('/simulator/messages', { from, tap: label, to })
export const list = (after) => ask(`/simulator/messages?after=${after}`)
export const board = () => ask('/simulator/board')
export const skip = (minutes) => ask('/simulator/skip', { minutes })
