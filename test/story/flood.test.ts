import { expect } from 'chai'
import type { Store } from '../../src/ports/store.ts'
import type { Story } from '../support/story.ts'
import { tell } from '../support/story.ts'

/** Milliseconds that a slow disk takes for a save, one after the other, as they come. */
const SLOW = 10

/** 30 saves take a second on this disk; the flood needs hundreds. */
const onSlowDisk = async (): Promise<Story> => {
  let disk = Promise.resolve()
  const story: { current?: Story } = {}
  const slowly = (store: Store): Store => ({
    ...store,
    close: () => store.close(),
    documents: {
      read: (id) => store.documents.read(id),
      erase: (id, version) => store.documents.erase(id, version),
      due: (until, limit) => store.documents.due(until, limit),
      all: (kind) => store.documents.all(kind),
      write: (document) => {
        const mine = disk.then(() => story.current?.clock.pause(SLOW)).then(() => store.documents.write(document))
        disk = mine.catch(() => undefined)
        return mine
      },
    },
  })
  story.current = await tell({ store: slowly })
  return story.current
}

describe('while a flood of texts comes in', () => {
  /** Three hundred members, of whom all but the last write at once. */
  const flooded = async (before: (story: Story) => Promise<void>) => {
    const story = await onSlowDisk()
    const phones = Array.from({ length: 300 }, (_, n) => `+4477009${String(10_000 + n)}`)
    for (const [n, address] of phones.entries())
      await story.until(story.register(`Flood ${String(n)}`, { channel: 'simulator', address }))
    await before(story)
    const write = (address: string, text: string) => {
      const heard = { type: 'message', from: { channel: 'simulator', address }, text } as const
      const [id, sender] = [`flood:${address}`, `simulator:${address}`]
      return story.engine.inbox.put({ id, sender, receivedAt: story.clock.now(), heard })
    }
    await Promise.all(phones.slice(0, -1).map((address) => write(address, 'in 60')))
    return { story, write, last: phones.at(-1) ?? '', first: phones[0] ?? '' }
  }
  const roomHeard = async (story: Story, pattern: RegExp): Promise<number> =>
    Date.parse((await story.messages()).find((m) => m.to === 'room' && pattern.test(m.text))?.at ?? '')

  it('an alarm is in the room within half a second of its time', async () => {
    let dueAt = 0
    const { story, first } = await flooded(async (story) => {
      await story.phone().texts('in 30')
      await story.forward('5s')
      dueAt = story.engine.house.overview.out()[0]?.dueAt ?? 0
      await story.forward('29m')
      await story.goesOnTo(dueAt - 50)
    })
    await story.forward('60s')
    expect((await roomHeard(story, /OVERDUE/)) - dueAt).to.be.within(0, 500)
    expect(await story.times(first, /OUT by/)).to.equal(1)
  })

  it('an SOS overtakes it', async () => {
    const { story, write, last } = await flooded(() => Promise.resolve())
    const saidAt = story.clock.now()
    await write(last, 'sos at the bridge')
    await story.forward('60s')
    expect((await roomHeard(story, /SOS/)) - saidAt).to.be.within(0, 500)
  })
})

describe('a hundred deadlines at the same moment, on a slow disk', () => {
  it('the first alarm is out at once, not when all of them are decided', async () => {
    const story = await onSlowDisk()
    const phones = Array.from({ length: 100 }, (_, n) => `+4477009${String(10_000 + n)}`)
    for (const [n, address] of phones.entries()) {
      await story.until(story.register(`Storm ${String(n)}`, { channel: 'simulator', address }))
      await story.phone(address).texts('in until 12:00')
    }
    await story.forward('20s')
    const noon = story.engine.house.overview.out()[0]?.dueAt ?? 0
    await story.goesOnTo(noon - 50)
    await story.forward('20s')
    const alarms = (await story.messages()).filter((m) => m.to === 'room' && /OVERDUE|ROLL-CALL/.test(m.text))
    expect(alarms.length).to.be.within(3, 8)
    expect(Date.parse(alarms[0]?.at ?? '') - noon).to.be.within(0, 300)
    const named = Array.from({ length: 100 }, (_, n) =>
      alarms.find(({ text }) => new RegExp(`Storm ${String(n)}\\b`).test(text)),
    )
    // Three saves each until they are named: what is best possible for all is 3 s.
    for (const alarm of named) expect(Date.parse(alarm?.at ?? '') - noon).to.be.within(0, 5_000)
  })
})
