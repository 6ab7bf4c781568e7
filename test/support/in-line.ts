import type { Fence } from '../../src/app/fence.ts'
import type { Heard, InboxItem } from '../../src/ports/inbox.ts'
import { heldTexts } from './held-texts.ts'
import { Line } from './outside.ts'
import type { Story } from './story.ts'
import { senderOf, tell } from './story.ts'

export const ADMIN = { id: '@admin:simulator', name: 'Admin' }
export const CLEO = { channel: 'simulator', address: '+447700900003' } as const
/** Cleo has two. */
export const PHONE = { channel: 'sms', address: '+447700900002' } as const

/** Of stories about lines. Whose texts are held is applied only when `goOn` is called. */
export const world = async (fence?: Fence): Promise<{ story: Story; hold: (address: string) => () => void }> => {
  const { store, hold } = heldTexts()
  const story = await tell({
    ...(fence && { fence }),
    channels: (inbox, clock) => [new Line('sms').open(inbox, clock)],
    store,
  })
  await story.register('Cleo', CLEO, PHONE)
  return { story, hold }
}

let count = 0

/** What came in while nobody was there to apply it. */
export const stored = (story: Story, heard: Heard): InboxItem => ({
  id: `stored:${String(++count)}`,
  sender: senderOf(heard),
  receivedAt: story.clock.now(),
  heard,
})

export const whoIsOut = (story: Story): string[] => story.engine.house.overview.out().map(({ name }) => name)
