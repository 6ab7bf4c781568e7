// The way of one kernel to the provider: it shows which kernel a text came from, which the provider cannot know.
import type { TcpRelay } from '../../support/tcp-relay.ts'
import { openTcpRelay } from '../../support/tcp-relay.ts'
import { effectOf } from '../effect-of.ts'

export type Door = Pick<TcpRelay, 'port' | 'stop'>

/** `onText`: all of a request to send a text has come; its effect is in the address to which it is to be reported. */
export const openDoor = (target: number, onText: (effect: string) => void): Promise<Door> =>
  openTcpRelay(target, (near, far) => {
    let request = ''
    near.on('data', (bytes: Buffer) => {
      const effect = effectIn((request += bytes.toString('latin1')))
      if (effect !== undefined) {
        request = ''
        onText(effect)
      }
    })
    near.pipe(far)
    far.pipe(near)
  })

/** A request is as long as it says at its beginning. */
function effectIn(request: string): string | undefined {
  const [head = '', body] = request.split('\r\n\r\n', 2)
  const length = /^content-length: (\d+)/im.exec(head)?.[1]
  if (body === undefined || length === undefined || body.length < Number(length)) return undefined
  return effectOf(new URLSearchParams(body).get('StatusCallback'))
}
