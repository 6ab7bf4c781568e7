import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'

export interface TcpRelay {
  port: number
  /** Ends every connection that is open. */
  cut: () => void
  stop: () => Promise<void>
}

/** Takes connections on a port of its own and makes one to `target` for each; they end together. `onConnection` carries what is said. */
export async function openTcpRelay(
  target: number,
  onConnection: (near: Socket, far: Socket) => void,
  isRefused: () => boolean = () => false,
): Promise<TcpRelay> {
  const open = new Set<Socket>()
  const cut = (): void => {
    for (const end of open) end.destroy()
  }
  const server = createServer((near) => {
    if (isRefused()) return void near.destroy()
    const far = connect(target, '127.0.0.1')
    for (const end of [near, far]) {
      open.add(end)
      end.on('error', () => undefined)
      end.once('close', () => {
        open.delete(end)
        near.destroy()
        far.destroy()
      })
    }
    onConnection(near, far)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    stop: async () => {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
