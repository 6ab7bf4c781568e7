import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from 'express'
import { refuse } from './answers.ts'

/**
 * Headers that proxies and tunnels add. Behind one of them everybody's peer address is 127.0.0.1, so a request that carries
 * any of them did not come from this machine, whatever it says.
 */
const FORWARDED =
  /^(x-forwarded(-.*)?|forwarded|via|x-real-ip|x-client-ip|x-cluster-client-ip|x-original-.*|x-envoy-.*|true-client-ip|cf-.*|cdn-loop|fly-.*|fastly-.*|ngrok-.*|tailscale-.*|x-azure-.*|x-amzn-trace-id)$/

const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && (address === '::1' || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(address))

/**
 * Why this request is not a direct one from a person at this machine; undefined if it is.
 * The peer address stops the network, Host stops DNS rebinding (a foreign name that resolves to 127.0.0.1), Origin and
 * Sec-Fetch-Site stop other pages in the same browser, the forwarding headers stop tunnels.
 */
export function notDirect(request: IncomingMessage): string | undefined {
  const { headers, socket } = request
  if (!isLoopback(socket.remoteAddress)) return 'the connection does not come from this machine'
  if (Object.keys(headers).some((name) => FORWARDED.test(name))) return 'the request was forwarded by a proxy'
  const hosts = ownHosts(socket.localPort)
  if (headers.host === undefined || !hosts.includes(headers.host.toLowerCase())) return 'the Host is not this machine'
  const origin = headers.origin
  if (origin !== undefined && origin.toLowerCase() !== `http://${headers.host.toLowerCase()}`)
    return 'the Origin is foreign'
  // `same-site` is another port of this machine: another program's page.
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'another page asks'
  return undefined
}

function ownHosts(port: number | undefined): string[] {
  const names = ['localhost', '127.0.0.1', '[::1]']
  const withPort = names.map((name) => `${name}:${port ?? 0}`)
  return port === 80 ? [...withPort, ...names] : withPort
}

/** Lets only direct loopback requests pass (DESIGN.md section 5, the simulator's guard); all others get 403 and one line. */
export const loopbackOnly: RequestHandler = (request, response, next) => {
  const why = notDirect(request)
  if (why === undefined) next()
  else refuse(response, 403, `only for a browser on this machine, at its own address: ${why}`, 'not-loopback')
}
