import { expect } from 'chai'
import type { Store } from '../../src/ports/store.ts'
import { StoreError } from '../../src/ports/store.ts'
import { ELEVEN, ms, tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'
import type { Walker } from '../support/walkers.ts'
import { alarmsOf, inRoom, isRollCall, numberOf, walkers } from '../support/walkers.ts'

const NOON = ELEVEN + ms('60m')

/** Counts everything that becomes durable, and what is sent, from a moment on; at the chosen one the power fails, before it or after. */
class Steps {
  dies = Infinity
  taken = 0
  isOn = false
  hasDied = false
  crash: () => void = () => undefined

  readonly under = (store: Store): Store => {
    const step = async <T>(work: () => Promise<T>): Promise<T> => {
      this.reach()
      const result = await work()
      this.reach()
      return result
    }
    const { documents, sent } = store
    return {
      ...store,
      close: () => store.close(),
      documents: { ...documents, write: (document) => step(() => documents.write(document)) },
      sent: { ...sent, append: (id, entry) => step(() => sent.append(id, entry)) },
    }
  }

  private reach(): void {
    if (!this.isOn || ++this.taken !== this.dies) return
    this.isOn = false
    this.hasDied = true
    this.crash()
    throw new StoreError('crashed', 'the power failed')
  }
}

/** Four at the same moment, the power fails at a step, and then a minute passes. */
async function dieAt(dies: number): Promise<{ story: Story; all: Walker[]; steps: Steps }> {
  const steps = new Steps()
  const story = await tell({ store: steps.under })
  const all = await walkers(story, 4)
  for (const { address } of all) await story.phone(address).texts('in 20s')
  await story.forward('15s')
  steps.crash = () => story.store.crash()
  steps.dies = dies
  steps.isOn = true
  await story.clock.forward(6_000, () => (steps.hasDied ? Promise.resolve() : story.settled()))
  if (steps.hasDied) await story.crashesAndRestarts('1s')
  else steps.isOn = false
  await story.forward('1m')
  return { story, all, steps }
}

describe('a kernel that dies in the middle of a storm', () => {
  it('at whatever step: everybody is named, nobody twice, each is told once, and their end is heard', async () => {
    const { steps: whole } = await dieAt(Infinity)
    expect(whole.taken).to.be.above(60)
    const found: string[] = []
    for (let dies = 1; dies <= whole.taken; dies++) {
      const { story, all } = await dieAt(dies)
      const wrong = (what: string): void => void found.push(`step ${String(dies)}: ${what}`)
      const group = (await inRoom(story)).filter(isRollCall)
      for (const walker of all) {
        const alarms = await alarmsOf(story, walker)
        if (alarms.length === 0) wrong(`${walker.name} is not named`)
        const inRollCalls = group.filter(({ text }) => numberOf(walker, text)).length
        if (inRollCalls > 1 || alarms.length - inRollCalls > 1)
          wrong(`${walker.name} is named ${String(alarms.length)} times`)
        const told = await story.times(walker.address, /an alert was sent/)
        if (told !== 1) wrong(`${walker.name} is told ${String(told)} times`)
      }
      await story.phone(all[2]?.address).texts('OUT')
      if ((await story.times('room', /STOOD DOWN: OUT came from the phone of Walker C/)) !== 1) wrong('no stand-down')
      await story.admin('take 1-9')
      const last = (await inRoom(story)).length
      await story.forward('11m')
      if ((await inRoom(story)).slice(last).some(isRollCall)) wrong('the roll-call does not end')
      for (const { effects } of [await story.engine.house.group.read('group')].flatMap((it) => it ?? []))
        if (effects.some((e) => e.rollCall)) wrong('a message is kept')
    }
    expect(found).to.deep.equal([])
  }).timeout(180_000)

  it('after a restart the roll-call goes on, and says that texts may be missing', async () => {
    const story = await tell()
    const all = await walkers(story, 4)
    for (const { address } of all) await story.phone(address).texts('in until 12:00')
    await story.forward('59m')
    await story.crashesAndRestarts('3m')
    await story.forward('1s')
    const [rollCall] = (await inRoom(story)).filter(isRollCall)
    expect(rollCall?.at).to.be.within(NOON + ms('2m'), NOON + ms('2m') + 12_000)
    expect(rollCall?.text).to.match(/^Texts may be missing: nobody read them 11:59–12:02$/m)
    await story.forward('1m')
    await story.crashesAndRestarts('2s')
    await story.forward('5m')
    const repeat = (await inRoom(story)).filter(isRollCall).slice(1)
    expect(repeat).to.have.length(1)
    expect(all.map((walker) => numberOf(walker, repeat[0]?.text ?? ''))).to.deep.equal(
      all.map((walker) => numberOf(walker, rollCall?.text ?? '')),
    )
  })
})
