import { clock as clockText, text } from '../core/texts.ts'
import type { Clock } from '../ports/clock.ts'
import type { InboxItem } from '../ports/inbox.ts'
import type { Metrics } from '../ports/log.ts'
import type { House } from './house.ts'
import { GROUP } from './house.ts'

/** What cannot be applied is given to people as it came. Throws where the room's record cannot be saved either. */
export const createGiveUp =
  (house: Pick<House, 'group'>, clock: Pick<Clock, 'now'>, metrics: Metrics) =>
  async ({ id, heard, receivedAt }: InboxItem): Promise<void> => {
    const words = 'text' in heard ? heard.text.slice(0, 500) : heard.type
    const from = 'by' in heard ? heard.by.name : 'from' in heard ? heard.from.address : heard.type
    metrics.count('imok_poisoned_total')
    await house.group.apply(GROUP, {
      type: 'announced',
      at: clock.now(),
      id: `${id}:poison`,
      loud: true,
      body: [text('room.poison', { from, at: clockText(receivedAt), words })],
    })
  }
