import { expect } from 'chai'
import type { Attend } from '../../../src/channels/matrix/attend.ts'
import { createAttend } from '../../../src/channels/matrix/attend.ts'
import { createBudget } from '../../../src/channels/matrix/budget.ts'
import type { RoomBook, RoomEvent } from '../../../src/channels/matrix/room-record.ts'
import { openRoomBook } from '../../../src/channels/matrix/room-record.ts'
import type { RoomMessage } from '../../../src/ports/channel.ts'
import { StoreError } from '../../../src/ports/store.ts'
import { openMemoryStore } from '../../../src/stores/memory/index.ts'
import { silent } from '../../support/memory-ports.ts'

const choices = ['take 1', 'resolve 1 safe'].map((says) => ({ label: says, says }))
const alert = { id: 'm:1:1', purpose: 'alert', incident: 'i1', choices } as unknown as RoomMessage

/** `change`: how its record is saved. */
const attending = async (
  change: (book: RoomBook, event: RoomEvent) => Promise<void>,
): Promise<{ attend: Attend; book: RoomBook }> => {
  const book = await openRoomBook((await openMemoryStore()).documents)
  const attend = createAttend({
    sender: { event: () => Promise.resolve({ event: '$poll' }) } as never,
    book: { ...book, change: (event) => change(book, event) },
    budget: createBudget(() => 0),
    pin: () => Promise.resolve(),
    words: { question: 'Who has it?', over: 'over' },
    busy: () => new Error('busy'),
    log: silent.log,
  })
  return { attend, book }
}

describe('The poll under an alert that was sent twice', () => {
  const cases: [title: string, change: (book: RoomBook, event: RoomEvent, saves: number) => Promise<void>][] = [
    [
      'and could not be saved the first time',
      async (book, event, saves) => {
        if (saves === 1) throw new StoreError('unavailable', 'x')
        return book.change(event)
      },
    ],
    [
      'and was saved the first time, though nobody heard of it',
      async (book, event, saves) => {
        await book.change(event)
        if (saves === 1) throw new StoreError('timeout', 'x')
      },
    ],
  ]
  for (const [title, change] of cases) {
    it(`is open, and in the record once: ${title}`, async () => {
      let saves = 0
      const { attend, book } = await attending((kept, event) => change(kept, event, ++saves))
      await attend.after(alert)
      await attend.after(alert)
      expect(book.now()).to.deep.include({ polls: { i1: '$poll' } })
      expect(book.now().over ?? []).to.deep.equal([])
    })
  }

  it('is so, too, where the second time comes before the first is saved', async () => {
    const saved = Promise.withResolvers<undefined>()
    const { attend, book } = await attending(async (kept, event) => {
      await saved.promise
      await kept.change(event)
    })
    const both = [attend.after(alert), attend.after(alert)]
    saved.resolve(undefined)
    await Promise.all(both)
    expect(book.now()).to.deep.include({ polls: { i1: '$poll' } })
    expect(book.now().over ?? []).to.deep.equal([])
  })
})
