// Whether another machine would take over is something that people must hear before they need it.
import { expect } from 'chai'
import type { Others } from '../../src/app/standby-watch.ts'
import { inOffice } from '../support/in-office.ts'
import { silent } from '../support/memory-ports.ts'
import { tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'

describe('the other machines', () => {
  let standbys: number
  let hadOthers: boolean
  let story: Story
  const gone = /^TROUBLE since \d\d:\d\d: no other machine stands by/
  const back = /^Well again: another machine stands by/

  beforeEach(async () => {
    standbys = 1
    hadOthers = false
    const others: Others = { standbys: () => standbys, hasSeenAnother: () => hadOthers }
    story = await tell({ others })
  })

  it('are missed when none stands by any more, once, and it is said when one is back', async () => {
    await story.forward('1m')
    standbys = 0
    await story.forward('1m')
    expect(await story.times('room', gone), 'a restart is no trouble').to.equal(0)
    await story.forward('20m')
    expect(await story.times('room', gone)).to.equal(1)
    standbys = 1
    await story.forward('1m')
    expect(await story.times('room', back)).to.equal(1)
    await story.forward('20m')
    expect(await story.room()).to.have.length(2)
  })

  it('are missed by the one that took over', async () => {
    standbys = 0
    hadOthers = true
    await story.forward('5m')
    expect(await story.times('room', gone)).to.equal(1)
  })

  it('are not missed where there never was one', async () => {
    standbys = 0
    await story.forward('1h')
    expect(await story.room()).to.deep.equal([])
  })

  it('are on the list of doctor', async () => {
    await story.admin('doctor')
    expect(await story.roomHears(/^How imok is/)).to.match(
      /· well: this machine is active; machines that would take over from it: 1$/m,
    )
    standbys = 0
    await story.admin('doctor')
    expect(
      await story.times('room', /· NOT well: this machine is active; machines that would take over from it: 0/),
    ).to.equal(1)
  })

  it('show in their metrics that they do not watch, once they have left office', async () => {
    const numbers = new Map<string, number>()
    const metrics = { ...silent.metrics, set: (name: string, value: number): void => void numbers.set(name, value) }
    const active = await tell({ fence: inOffice(), metrics })
    await active.phone().texts('IN 60')
    await active.forward('10s')
    const shown = (): (number | undefined)[] => [numbers.get('imok_watching'), numbers.get('imok_open_sessions')]
    expect(shown()).to.deep.equal([1, 1])
    await active.stops()
    expect(shown()).to.deep.equal([0, 0])
  })
})
