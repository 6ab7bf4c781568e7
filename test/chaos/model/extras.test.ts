import { expect } from 'chai'
import type { History, Life, Said, Sending } from '../history.ts'
import { rungsOf } from '../settings.ts'
import { judgeExtras, withoutExtras } from './extras.ts'
import { judge } from './judge.ts'
import { judgeOffice } from './judge-office.ts'

const T = Date.parse('2026-11-17T11:00:00Z')
const DUTY = '+447700900800'
const PHONE = '+447700900001'

const history = (more: Partial<History>): History => ({
  people: [],
  acts: [],
  said: [],
  lives: [],
  strangers: [],
  duty: [DUTY],
  isBadDay: false,
  speed: 1,
  lag: 0,
  end: T + 60_000,
  waiting: [],
  troubles: [],
  ...more,
})

/** A time in office; moments are seconds after eleven. */
const life = (kernel: string, began: number, ended?: number, end?: string, more: Partial<Life> = {}): Life => ({
  kernel,
  began: T + began * 1_000,
  ready: T + began * 1_000 + 500,
  ...(ended !== undefined && { ended: T + ended * 1_000 }),
  ...(end !== undefined && { end }),
  ...more,
})

const sending = (kernel: string, at: number): Sending => ({ kernel, effect: 'm:2:1', at: T + at * 1_000 })

describe('the chaos checker, of a text that goes out twice', () => {
  const text = (at: number, effect = 'm:2:1', to = PHONE): Said => ({
    to,
    text: 'OUT noted',
    at: T + at * 1_000,
    effect,
  })
  const allowedBy = (lives: Life[], said: Said[], begun: Sending[] = []): (string | undefined)[] =>
    judgeExtras(withoutExtras(said).extras, history({ lives, begun })).map(({ cause }) => cause)

  it('knows it by its name inside, and the phone', () => {
    const all = [text(1), text(2, 'm:3:1'), text(3, 'm:2:1', DUTY), { to: 'room', text: '#1', at: T }, text(4)]
    const { once, extras } = withoutExtras([...all, { to: 'room', text: '#1', at: T }])
    expect(once).to.have.length(5)
    expect(extras).to.have.length(1)
    expect(extras[0]).to.include({ to: PHONE, effect: 'm:2:1', at: T + 4_000 })
    const judged = judge(history({ said: all, lives: [life('a', 0)] }), rungsOf('twilio'))
    expect(judged.findings.map(({ what }) => what).join()).to.match(/no death allows it \(nothing went before\)/)
  })

  it('allows it where a kernel was killed while it sent it', () => {
    for (const end of ['kill', 'after-send', 'outside'])
      expect(allowedBy([life('a', 0, 9.9, end), life('b', 14)], [text(9.8), text(24)])).to.deep.equal(['killed'])
  })

  it('but not if it was sent long before, or only afterwards', () => {
    const lives = [life('a', 0, 9.9, 'kill'), life('b', 14)]
    expect(allowedBy(lives, [text(7), text(24)])).to.deep.equal([undefined])
    expect(allowedBy(lives, [text(20), text(24)])).to.deep.equal([undefined])
  })

  it('once for each death', () => {
    const lives = [life('a', 0, 9.9, 'kill'), life('b', 14, 24.1, 'kill'), life('a', 28)]
    const two = [text(9.8), text(9.8, 'm:3:1'), text(24)]
    expect(allowedBy(lives, two)).to.deep.equal(['killed'])
    expect(allowedBy(lives, [...two, text(23, 'm:3:1')])).to.deep.equal(['killed', undefined])
    expect(allowedBy(lives, [...two, text(38)])).to.deep.equal(['killed', 'killed'])
  })

  for (const end of ['cut', 'silence', 'database'])
    it(`allows it where the answer of the database was lost, and another kernel acts: ${end}`, () => {
      const said = [text(9.8), text(24)]
      expect(allowedBy([life('a', 0, 9.9, end), life('b', 14)], said)).to.deep.equal(['answer lost'])
      const goesOn = [life('a', 0, 9.9, end), life('a', 12, undefined, undefined, { goesOn: true })]
      expect(allowedBy(goesOn, said), 'one that goes on knows what it sent').to.deep.equal([undefined])
    })

  for (const end of ['hand-over', 'freeze', 'lapsed', 'taken over'])
    it(`does not allow it because of: ${end}`, () => {
      expect(allowedBy([life('a', 0, 9.9, end), life('b', 14)], [text(9.8), text(24)])).to.deep.equal([undefined])
    })

  it('allows what was under way when a kernel was frozen, and nothing else', () => {
    const lives = [life('a', 0, 9.9, 'freeze'), life('b', 14)]
    const begins = (kernel: string, at: number): Sending => sending(kernel, at)
    const said = [text(15), text(18)]
    const byOther = begins('b', 15)
    expect(allowedBy(lives, said, [begins('a', 9.89), byOther])).to.deep.equal(['under way when frozen'])
    expect(allowedBy(lives, said, [byOther]), 'it had not begun to').to.deep.equal([undefined])
    expect(allowedBy(lives, said, [begins('a', 18), byOther]), 'it began afterwards').to.deep.equal([undefined])
    const there = [text(9.895), text(18)]
    expect(allowedBy(lives, there, [begins('a', 9.89), byOther]), 'it was there').to.deep.equal([undefined])
    const handedOver = [life('a', 0, 9.9, 'hand-over'), life('b', 14)]
    expect(allowedBy(handedOver, said, [begins('a', 9.89), byOther])).to.deep.equal([undefined])
  })
})

describe('the chaos checker, of who sends', () => {
  const found = (end: string, arrived: Sending[], begun = arrived): string[] =>
    judgeOffice(history({ lives: [life('a', 0, 10, end), life('b', 14)], begun, arrived })).map(({ what }) => what)

  it('finds nothing where each sends in its own term', () => {
    expect(found('cut', [sending('a', 1), sending('a', 12), sending('b', 15)])).to.deep.equal([])
  })

  it('finds what a kernel sends that goes on after another one has taken office', () => {
    for (const end of ['freeze', 'cut', 'silence', 'hand-over', 'lapsed'])
      expect(found(end, [sending('b', 15), sending('a', 18)])[0]).to.match(/^kernel a sent a text at 11:00:18/)
  })

  it('but for what was on the line before', () => {
    expect(found('freeze', [sending('a', 18)], [sending('a', 9.99)])).to.deep.equal([])
    expect(found('freeze', [sending('a', 18)], [sending('a', 9.99), sending('a', 17.9)])).to.have.length(1)
    expect(found('freeze', [sending('a', 18)], [sending('b', 9.99)])).to.have.length(1)
  })
})
