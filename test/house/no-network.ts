// Tests reach this machine and nothing else: a connection to any other address is an error at once, by name.
import { Socket } from 'node:net'

type Connect = (this: Socket, ...args: unknown[]) => Socket

/** The host a connect() call goes to; undefined for a path or the local default. */
export function hostOf(args: readonly unknown[]): string | undefined {
  const [first, second] = (Array.isArray(args[0]) ? args[0] : args) as readonly unknown[]
  if (typeof first === 'object' && first !== null) return (first as { host?: string }).host
  return typeof second === 'string' ? second : undefined
}

export const isLocal = (host: string | undefined): boolean =>
  host === undefined ||
  host === '' ||
  /^(localhost|127(\.\d+){3}|::1|\[::1\]|::ffff:127(\.\d+){3}|0\.0\.0\.0|::)$/.test(host)

const prototype = Socket.prototype as unknown as { connect: Connect }
const connect = prototype.connect
prototype.connect = function (...args) {
  const host = hostOf(args)
  if (!isLocal(host))
    throw new Error(`A test tried to reach ${String(host)}. Tests use this machine only: inject a fake.`)
  return connect.apply(this, args)
}
