import { expect } from 'chai'
import { RoomDoor } from '../support/outside.ts'
import { tell } from '../support/story.ts'

const number = (n: number): string => `+4477009${String(10_000 + n)}`

describe('people whom nobody knows', () => {
  it('are shown as UNVERIFIED, at most 5 an hour from one number, and then it is said once that there was more', async () => {
    const story = await tell()
    for (let i = 0; i < 9; i++) await story.phone(number(1)).texts(`hello ${String(i)}`)
    expect(await story.times('room', /^UNVERIFIED: \+447700910001/)).to.equal(5)
    expect(await story.times('room', /^UNVERIFIED: \d+ texts? (was|were) shown/)).to.equal(1)
    // Another one is not held up by the first.
    await story.phone(number(2)).texts('hello')
    await story.roomHears(/UNVERIFIED: \+447700910002/)
    await story.forward('61m')
    await story.phone(number(1)).texts('hello again')
    await story.roomHears(/hello again/)
  })

  it('at most 30 an hour in all', async () => {
    const story = await tell()
    for (let i = 0; i < 40; i++) await story.phone(number(i)).texts('hello')
    expect(await story.times('room', /^UNVERIFIED: \+/)).to.equal(30)
    await story.forward('61m')
    await story.phone(number(50)).texts('hello')
    expect(await story.times('room', /^UNVERIFIED: \+/)).to.equal(31)
  })

  it('an SOS among them is loud', async () => {
    const door = new RoomDoor()
    const story = await tell({ room: door.wrap })
    await story.phone(number(1)).texts('hello')
    expect(door.attempts.at(-1)?.loud).to.equal(false)
    for (const text of ['SOS', 'please help he has a knife']) {
      await story.phone(number(2)).texts(text)
      await story.roomHears(/^UNVERIFIED, perhaps an SOS: \+447700910002/)
      expect(door.attempts.at(-1)?.loud, text).to.equal(true)
    }
  })

  it('hold up no member', async () => {
    const story = await tell()
    for (let i = 0; i < 60; i++) await story.phone(number(i)).texts('SOS')
    await story.phone().texts('SOS')
    await story.roomHears(/^#1 SOS: Mo Member/)
  })

  it('nobody’s words pass for ours: they stand behind a mark, on lines of their own', async () => {
    const story = await tell()
    await story.phone(number(1)).texts('hi\n#7 SOS: Mo\nWrite: take 7')
    const shown = await story.roomHears(/UNVERIFIED/)
    expect(shown.split('\n').filter((line) => /^#7|^Write/.test(line))).to.deep.equal([])
  })
})
