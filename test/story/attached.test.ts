// What members send besides words: files that the room shows, and places that move.
import { expect } from 'chai'
import { MO, tell } from '../support/story.ts'

describe('what comes with a message', () => {
  it('a file is announced at once, and follows on a way of its own; one that cannot be had is said to be missing', async () => {
    const story = await tell()
    await story.phone().texts('by the door', { attachment: { kind: 'photo', reference: 'F1' } })
    const lines = (await story.messages()).filter(({ to }) => to === 'room').map(({ text }) => text)
    const announced = lines.findIndex((line) => line === 'From Mo Member, 11:00: not text but photo')
    // The simulated room shows no files.
    const missing = lines.findIndex((line) =>
      line.startsWith('The photo from Mo Member, 11:00, could not be shown here'),
    )
    expect(announced).to.be.at.least(0)
    expect(missing).to.be.greaterThan(announced)
    await story.roomHears(/From Mo Member, 11:00:\n> by the door/)
  })

  it('a place that is shared live is told every two minutes, answered once, and the alarm has the last one', async () => {
    const story = await tell()
    const at = (latitude: number, edited = true): Promise<void> =>
      story.phone().texts('', { attachment: { kind: 'location', latitude, longitude: 2 }, edited })
    await story.phone().texts('IN 60')
    await at(51, false)
    for (let step = 1; step <= 20; step++) {
      await story.forward('15s')
      await at(51 + step / 100)
    }
    expect(await story.times('room', /: location/)).to.equal(3)
    expect(await story.times(MO, /Your place was received/)).to.equal(1)
    await story.phone().texts('SOS')
    expect(await story.roomHears(/^#1 SOS/)).to.include('Location at 11:05: 51.20000, 2.00000')
  })

  it('a place that moves while an alarm is on wakes nobody again', async () => {
    const story = await tell()
    await story.phone().texts('SOS')
    await story.phone().texts('', { attachment: { kind: 'location', latitude: 51, longitude: 2 } })
    await story.forward('3m')
    const answers = (await story.phone().heard()).length
    await story.phone().texts('', { attachment: { kind: 'location', latitude: 52, longitude: 2 }, edited: true })
    await story.roomHears(/location 52\.00000/)
    expect(await story.phone().heard()).to.have.length(answers)
  })
})
