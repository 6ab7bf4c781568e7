import { HOUR } from '../../../src/core/time.ts'
import type { RoomMessage } from '../../../src/ports/channel.ts'
import { SendError } from '../../../src/ports/channel.ts'

/** An alert, as the drain has it. */
export const message = (id: string, text: string, more: Partial<RoomMessage> = {}): RoomMessage => ({
  ...{ id, text, choices: [], urgency: 'alert', validity: HOUR, since: 0, loud: true, purpose: 'alert' },
  ...more,
})
/** How a send went: `none`, or its kind and its code. */
export const trouble = (sending: Promise<unknown>): Promise<unknown> =>
  sending.then(
    () => 'none',
    (error: unknown) => (error instanceof SendError ? `${error.kind} ${error.trouble}` : error),
  )
