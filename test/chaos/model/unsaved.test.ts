import { expect } from 'chai'
import type { Act, History, Life, Said } from '../history.ts'
import { rungsOf } from '../settings.ts'
import { MO, T, act as actAt, history, said } from './a-visit.ts'
import { judge } from './judge.ts'

const ADA = { name: 'Ada', number: '+447700900001', via: 'simulator', isSeeded: true } as const
const BEN = { name: 'Ben', number: '+447700900002', via: 'simulator', isSeeded: true } as const
const DUTY = '+447700900800'

const act = (name: string, at: number, verb: Act['verb'], text: string, more: Partial<Act> = {}): Act =>
  actAt(at, verb, text, { name, ...more })
const noted = (at: number, to: string): Said =>
  said(at, to, 'Noted 11:00. Text OUT by 11:00. Without OUT we alert people at 11:00.')
const outNoted = (at: number, to: string): Said =>
  said(at, to, 'OUT noted 11:00. You get no more reminders. If you did not send OUT, text SOS.')
const overdue = (at: number, name: string): Said =>
  said(at, 'room', `#1 OVERDUE, unconfirmed: ${name}\nIn 11:00, due 11:00`)

/** Kernel a loses the database after five seconds, and b follows ten seconds later. */
const lives: Life[] = [
  { began: T, ready: T, ended: T + 5_000, end: 'cut', kernel: 'a' },
  { began: T + 15_000, ready: T + 15_000, kernel: 'b' },
]
const judged = (acts: Act[], heard: Said[]): ReturnType<typeof judge> =>
  judge(
    {
      ...{ people: [ADA, BEN], acts, said: heard, lives, strangers: [], duty: [], isBadDay: false },
      ...{ speed: 1, lag: 0, end: T + 18_000, waiting: [], troubles: [] },
    } satisfies History,
    rungsOf('twilio'),
  )

describe('an alarm of a kernel that was cut off, about somebody who checked out with the other one', () => {
  const goesIn = act('Ada', 1, 'in', 'IN 7s', { ms: 7_000 })
  const out = act('Ada', 7, 'out', 'OUT')
  const heard = [noted(1.1, ADA.number), overdue(11, 'Ada'), outNoted(15.2, ADA.number)]

  it('is allowed and counted; its number may be given again', () => {
    const { findings, unsaved } = judged([goesIn, out], heard)
    expect({ findings, unsaved }).to.deep.equal({ findings: [], unsaved: 1 })
    const again = judged(
      [goesIn, out, act('Ben', 4, 'in', 'IN 12s', { ms: 12_000 })],
      [
        ...heard,
        noted(4.1, BEN.number),
        overdue(16.2, 'Ben'),
        said(16.3, BEN.number, 'No OUT by 11:00, so an alert was sent at 11:00.'),
      ],
    )
    expect({ findings: again.findings, unsaved: again.unsaved }).to.deep.equal({ findings: [], unsaved: 1 })
  })

  const found = (acts: Act[], all: Said[]): unknown[] => judged(acts, all).findings.map(({ kind }) => kind)

  it('is found where their time was not over', () => {
    const longer = act('Ada', 1, 'in', 'IN 60s', { ms: 60_000 })
    expect(found([longer, out], heard)).to.include('false')
  })

  it('is found where they had checked out before, also in the last moment if the phone was answered', () => {
    const early = act('Ada', 3, 'out', 'OUT')
    expect(found([goesIn, early], [noted(1.1, ADA.number), outNoted(3.1, ADA.number), overdue(11, 'Ada')])).to.include(
      'false',
    )
    const last = act('Ada', 4.9, 'out', 'OUT')
    expect(found([goesIn, last], [noted(1.1, ADA.number), outNoted(4.95, ADA.number), overdue(11, 'Ada')])).to.include(
      'false',
    )
  })

  it('is found where a kernel says it that reaches its database', () => {
    expect(
      found(
        [goesIn, act('Ada', 15.5, 'out', 'OUT')],
        [noted(1.1, ADA.number), outNoted(15.6, ADA.number), overdue(17, 'Ada')],
      ),
    ).to.include('false')
  })
})

describe('an alarm that could not be saved, and says something newer when it can be', () => {
  const acts = [actAt(1, 'sos', 'SOS'), actAt(2, 'take', 'take 1, 1001 2s', { ms: 2_000, incident: 1 })]
  const before = [
    said(1.1, 'room', '#1 SOS: Mo, 11:00\nThey wrote:\n> SOS'),
    said(1.2, MO.number, 'SOS received. Alert sent 11:00 to 1 person. Nobody has answered yet, we keep trying.'),
    said(1.2, DUTY, 'imok: an alert needs you in the room. 11:00'),
    said(2.1, 'room', '#1 TAKEN by Admin until 11:00\nRing Mo: +447700900001'),
    said(
      2.1,
      MO.number,
      '11:00: a person has answered and may contact you. If they go quiet, we alert the others again.',
    ),
  ]
  const after = [said(8.1, MO.number, '11:00: the person who answered has gone quiet, so we are alerting the others.')]
  const again = (at: number, more = ''): Said => said(at, 'room', `#1 OPEN AGAIN: Mo, 11:00. Nobody has it.${more}`)
  const away: Life[] = [
    { began: T, ready: T, ended: T + 3_500, end: 'database' },
    { began: T + 7_500, ready: T + 7_500, goesOn: true },
  ]
  const judgedWith = (...alarms: Said[]): ReturnType<typeof judge> =>
    judge(history(acts, [...before, ...alarms, ...after], { lives: away, duty: [DUTY] }), rungsOf('twilio'))

  it('is allowed and counted', () => {
    const { findings, anew } = judgedWith(again(7), again(8, '\nLast heard 11:00'))
    expect({ findings, anew }).to.deep.equal({ findings: [], anew: 1 })
  })

  it('is found where it says the same, and where it could be saved', () => {
    for (const alarms of [
      [again(7), again(8)],
      [again(7.8), again(8, '\nLast heard 11:00')],
    ])
      expect(judgedWith(...alarms).findings.map(({ kind }) => kind)).to.deep.equal(['false'])
  })
})
