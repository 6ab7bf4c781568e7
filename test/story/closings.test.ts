import { expect } from 'chai'
import { tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'

/** What a member's phone can send that is no OUT alone. */
const anythingElse = [
  'OK',
  'IN',
  'IN 90',
  'MORE',
  'MORE 30',
  'YES',
  'STATUS',
  'NAME Momo',
  'hello',
  'out now',
  'out please',
  'OTU',
  'resolve 1 fine',
  '',
]

const overdue = async (): Promise<Story> => {
  const story = await tell()
  await story.phone().texts('IN 10')
  await story.forward('11m')
  await story.roomHears(/^#1 OVERDUE/)
  return story
}

const sos = async (session = true): Promise<Story> => {
  const story = await tell()
  if (session) await story.phone().texts('IN 60')
  await story.phone().texts('SOS')
  await story.roomHears(/^#1 SOS/)
  return story
}

const isOpen = (story: Story): boolean => story.engine.house.overview.incidents().length === 1

/** design/protocol.md section 2, row by row. */
describe('what closes what', () => {
  it('a session without incident: exact OUT', async () => {
    const story = await tell()
    await story.phone().texts('IN 60')
    await story.phone().texts('OUT')
    await story.phone().hears(/^OUT noted 11:00. You get no more reminders. If you did not send OUT, text SOS/)
    await story.forward('70m')
    expect(await story.room()).to.deep.equal([])
  })

  for (const said of ['out with friends', 'out please', 'OUT 5', 'OK see you', 'but', 'OUI']) {
    it(`a session without incident: “${said}” changes nothing and is asked back`, async () => {
      const story = await tell()
      await story.phone().texts('IN 60')
      await story.phone().texts(said)
      await story.phone().hears(/mean (OUT|OK)\?|mean YES/)
      await story.forward('1h')
      await story.roomHears(/^#1 OVERDUE/)
    })
  }

  it('overdue: exact OUT; everyone who heard is told, and the member that someone may still call', async () => {
    const story = await overdue()
    await story.phone().texts('OUT')
    await story.roomHears(/^#1 STOOD DOWN/)
    await story.phone().hears(/The people we alerted are being told. Someone may still call you/)
    expect(isOpen(story)).to.equal(false)
    const heard = (await story.room()).length
    await story.forward('70m')
    expect(await story.room()).to.have.length(heard)
  })

  for (const said of anythingElse) {
    it(`overdue: ${JSON.stringify(said)} does not close it; the ladder goes on`, async () => {
      const story = await overdue()
      await story.phone().texts(said)
      expect(isOpen(story)).to.equal(true)
      expect((await story.phone().heard()).length, 'they get an answer').to.be.at.least(4)
      await story.forward('5m')
      expect(await story.times('room', /^#1 OVERDUE/)).to.equal(2)
    })
  }

  for (const said of ['OK', 'IN', 'IN 90', 'MORE 30', 'hello there']) {
    it(`overdue: ${said} is shown in the room`, async () => {
      const story = await overdue()
      await story.phone().texts(said)
      expect(await story.roomHears(/From Mo Member, 11:11/)).to.contain(said)
      await story.phone().hears(/the alarm is on. Only OUT ends it/)
    })
  }

  for (const said of ['OUT', ...anythingElse]) {
    it(`sos: ${JSON.stringify(said)} does not close it`, async () => {
      const story = await sos()
      await story.phone().texts(said)
      expect(isOpen(story)).to.equal(true)
      await story.forward('5m')
      expect(await story.times('room', /^#1 SOS/)).to.equal(2)
      await story.admin('resolve 1 reached by phone')
      await story.roomHears(/^#1 CLOSED by Admin: reached by phone/)
      expect(isOpen(story)).to.equal(false)
    })
  }

  it('OUT under sos ends the session, is shown loudly, and the member hears that the SOS stays on', async () => {
    const story = await sos()
    await story.phone().texts('OUT')
    await story.phone().hears(/OUT noted 11:00. No more reminders, but your SOS stays on/)
    await story.roomHears(/OUT came from the phone of Mo Member at 11:00. It does not end the SOS/)
    await story.admin('resolve 1 reached')
    const heard = (await story.room()).length
    await story.forward('70m')
    expect(await story.room(), 'no deadline is left').to.have.length(heard)
  })

  it('an sos without a session is closed by a human alone', async () => {
    const story = await sos(false)
    await story.phone().texts('OUT')
    expect(isOpen(story)).to.equal(true)
  })

  it('a deadline that passes during sos adds a line, no number', async () => {
    const story = await sos()
    await story.forward('60m')
    await story.roomHears(/No OUT from Mo Member by 12:00 either/)
    expect(await story.times('room', /#2|OVERDUE/)).to.equal(0)
  })

  it('resolve ends a session whose deadline has passed, and not one that goes on', async () => {
    const late = await overdue()
    await late.admin('resolve 1 home')
    await late.phone().texts('STATUS')
    await late.phone().hears(/you are not checked in/)

    const going = await sos()
    await going.admin('resolve 1 a false alarm')
    await going.phone().texts('STATUS')
    await going.phone().hears(/you are checked in. Text OUT by 12:00/)
    await going.forward('60m')
    await going.roomHears(/^#2 OVERDUE/)
  })

  it('resolve wants an outcome', async () => {
    const story = await overdue()
    await story.admin('resolve 1')
    await story.roomHears(/How did it end\? Write for example: resolve 1 home safe/)
    expect(isOpen(story)).to.equal(true)
  })

  it('IN after the deadline but before the alarm was noticed does not prevent it', async () => {
    const story = await tell()
    await story.phone().texts('IN 10')
    await story.forward('9m')
    await story.phone().texts('IN 10')
    await story.forward('9m59s')
    expect(await story.times('room', /OVERDUE/)).to.equal(0)
    await story.forward('1s')
    await story.phone().texts('IN 10')
    await story.roomHears(/^#1 OVERDUE/)
    expect(isOpen(story)).to.equal(true)
  })

  it('a closed number is not opened again by anybody, and numbers are not used twice', async () => {
    const story = await overdue()
    await story.phone().texts('OUT')
    for (const order of ['take 1', 'resolve 1 again', 'note 1 hm', 'say 1 hello']) {
      await story.admin(order)
      expect((await story.room()).at(-1), order).to.match(/^Nothing is open under number 1/)
    }
    await story.phone().texts('SOS')
    await story.roomHears(/^#2 SOS/)
  })
})
