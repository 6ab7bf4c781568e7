// What stands before several kernels, as a tunnel or a load balancer does: whoever writes reaches one of them.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Front {
  url: string
  port: number
  stop: () => void
}

/**
 * `reachable`: the ports that may be asked now, the one that acts first. `waits`: those of kernels that take a connection and do not answer yet;
 * what is written waits there, where nobody else is.
 */
export async function openFront({ reachable, waits }: Record<'reachable' | 'waits', () => number[]>): Promise<Front> {
  let turn = 0
  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const parts: Buffer[] = []
    for await (const part of incoming) parts.push(part as Buffer)
    const ports = reachable()
    // What is read is asked of the one that acts; what is written may come to any.
    if (incoming.method === 'POST') {
      if (turn++ % 2 === 0) ports.reverse()
      ports.push(...waits())
    }
    for (const port of ports) {
      const outcome = await ask(port, incoming, Buffer.concat(parts), outgoing)
      if (outcome === 'done') return
      if (outcome === 'broken') return void outgoing.destroy()
    }
    outgoing.writeHead(503, { 'retry-after': '1' }).end()
  }
  const server = createServer((incoming, outgoing) => void pass(incoming, outgoing).catch(() => outgoing.destroy()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${String(port)}`,
    stop: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

function ask(
  port: number,
  incoming: IncomingMessage,
  body: Buffer,
  outgoing: ServerResponse,
): Promise<'done' | 'broken' | 'nobody'> {
  return new Promise((resolve) => {
    const headers = { ...incoming.headers, host: `127.0.0.1:${String(port)}`, connection: 'close' }
    const asked = send(
      { host: '127.0.0.1', port, path: incoming.url, method: incoming.method, headers, agent: false },
      (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('error', () => resolve('broken'))
        answer.on('end', () => {
          const again = answer.headers['retry-after']
          outgoing.writeHead(answer.statusCode ?? 502, {
            'content-type': answer.headers['content-type'] ?? 'text/plain',
            ...(again !== undefined && { 'retry-after': again }),
          })
          outgoing.end(Buffer.concat(parts))
          resolve('done')
        })
      },
    )
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED' ? 'nobody' : 'broken'))
    asked.end(body)
  })
}
