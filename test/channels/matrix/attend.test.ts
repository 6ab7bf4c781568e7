import { expect } from 'chai'
import { createAttend } from '../../../src/channels/matrix/attend.ts'
import { createBudget } from '../../../src/channels/matrix/budget.ts'
import { openRoomBook } from '../../../src/channels/matrix/room-record.ts'
import type { RoomMessage } from '../../../src/ports/channel.ts'
import { StoreError } from '../../../src/ports/store.ts'
import { openMemoryStore } from '../../../src/stores/memory/index.ts'
import { silent } from '../../support/memory-ports.ts'

const choices = ['take 1', 'resolve 1 safe'].map((says) => ({ label: says, says }))
const alert = { id: 'm:1:1', purpose: 'alert', incident: 'i1', choices } as unknown as RoomMessage

describe('The poll under an alert that was sent twice', () => {
  it('is in the record as well when that could not be saved the first time', async () => {
    const book = await openRoomBook((await openMemoryStore()).documents)
    let saves = 0
    const attend = createAttend({
      sender: { event: () => Promise.resolve({ event: '$poll' }) } as never,
      book: {
        ...book,
        change: (event) => (++saves === 1 ? Promise.reject(new StoreError('unavailable', 'x')) : book.change(event)),
      },
      budget: createBudget(() => 0),
      pin: () => Promise.resolve(),
      words: { question: 'Who has it?', over: 'over' },
      busy: () => new Error('busy'),
      log: silent.log,
    })
    await attend.after(alert)
    expect(book.now().polls).to.deep.equal({})
    await attend.after(alert)
    expect(book.now().polls).to.deep.equal({ i1: '$poll' })
  })
})
