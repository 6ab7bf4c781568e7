import { expect } from 'chai'
import type { Story } from '../support/story.ts'
import { tell } from '../support/story.ts'
import type { Walker } from '../support/walkers.ts'
import { inRoom, walkers } from '../support/walkers.ts'

/** So many whose alarms nobody has. */
const overdue = async (count: number): Promise<{ story: Story; all: Walker[] }> => {
  const story = await tell()
  const all = await walkers(story, count)
  for (const { address } of all) await story.phone(address).texts('in 10')
  await story.forward('11m')
  return { story, all }
}

/** What the room hears because of an order. */
const answers = async (story: Story, text: string): Promise<string[]> => {
  const before = (await inRoom(story)).length
  await story.admin(text, { id: '@asha:example.org', name: 'Asha' })
  return (await inRoom(story)).slice(before).map((it) => it.text)
}

describe('several alarms are taken with one line', () => {
  it('take 7-14: one message, with the public words and the phone of each', async () => {
    const { story, all } = await overdue(8)
    const said = await answers(story, 'take 1-8')
    expect(said).to.have.length(1)
    for (const [n, { name, address }] of all.entries()) {
      expect(said[0]).to.match(
        new RegExp(`^#${String(n + 1)} TAKEN by Asha until 11:41\nRing ${name}: \\${address}$`, 'm'),
      )
      expect(await story.times(address, /a person has answered/)).to.equal(1)
    }
    await story.forward('20m')
    expect((await inRoom(story)).at(-1)?.text, 'and it is quiet').to.equal(said[0])
  })

  it('take 7-9, 12 until 18:00: what is open of it, until then; a number that is not is named', async () => {
    const { story } = await overdue(8)
    await story.admin('resolve 2 home')
    const [said] = await answers(story, 'take 1-3, 7, 9 until 18:00')
    expect(said?.match(/^#\d+ TAKEN by Asha until 18:00$/gm)).to.have.length(3)
    expect(said).to.match(/^Nothing is open under 9$/m)
    expect(await answers(story, 'take 20-30, 40')).to.deep.equal(['Nothing is open under 20-30, 40'])
  })

  it('take Walker C: by name; whoever has no alarm is said to have none', async () => {
    const { story } = await overdue(4)
    expect(await answers(story, 'take Walker C')).to.have.length(1)
    await story.roomHears(/^#3 TAKEN by Asha until 11:41/)
    expect(await answers(story, 'take Mo until 18:00')).to.deep.equal(['No alarm is open for Mo Member'])
    expect(await answers(story, 'take walker')).to.match(/^Who is “walker”\?/m)
    expect(await answers(story, 'take Walker C home')).to.deep.equal([])
  })

  it('a range that somebody has already goes over to whoever takes it now', async () => {
    const { story } = await overdue(4)
    await story.admin('take 2')
    const [said] = await answers(story, 'take 1-4')
    expect(said?.match(/^#\d+ TAKEN by Asha/gm)).to.have.length(4)
  })

  it('takes a hundred in messages that a phone can show, and a line that is not complete takes none', async () => {
    const { story } = await overdue(100)
    expect(await answers(story, 'take 1-100 and ring them')).to.match(/^Not understood, nothing changed/m)
    const said = await answers(story, 'take 1-100')
    expect(said.map((text) => text.match(/TAKEN/g)?.length)).to.deep.equal([40, 40, 20])
  })

  it('an order that died half-way is done to its end, and said once', async () => {
    const { story, all } = await overdue(8)
    let saves = 0
    const { documents } = story.store
    const write = documents.write
    let disk = Promise.resolve()
    documents.write = (document) => {
      const mine = disk
        .then(() => write(document))
        .then(() => {
          if (++saves === 5) story.store.crash()
        })
      disk = mine.catch(() => undefined)
      return mine
    }
    await story.admin('take 1-8').catch(() => undefined)
    documents.write = write
    await story.crashesAndRestarts()
    const taken = (await inRoom(story)).flatMap(({ text }) => text.match(/^#\d+ TAKEN by Admin/gm) ?? [])
    expect(taken.sort()).to.deep.equal(all.map((_, n) => `#${String(n + 1)} TAKEN by Admin`))
    for (const { address } of all) expect(await story.times(address, /a person has answered/)).to.equal(1)
  })
})
