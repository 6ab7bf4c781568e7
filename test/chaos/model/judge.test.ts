import { expect } from 'chai'
import type { Act, History, Life, Said } from '../history.ts'
import {
  MO,
  T,
  act,
  said,
  goesIn,
  noted,
  goesOut,
  outNoted,
  overdue,
  told,
  called,
  history,
  found,
  kinds,
} from './a-visit.ts'

describe('the chaos checker', () => {
  it('finds nothing in a visit that went well', () => {
    expect(found(history([goesIn, goesOut], [noted, outNoted]))).to.deep.equal([])
  })

  it('finds nothing in a missed time that was acted upon', () => {
    expect(found(history([goesIn], [noted, overdue(4.2), told, called]))).to.deep.equal([])
  })

  it('misses an answer', () => {
    expect(kinds(history([goesIn, goesOut], [noted]))).to.include('lost')
  })

  it('misses an alarm, and the person who should have been called', () => {
    expect(found(history([goesIn], [noted]))).to.satisfy((all: string[]) =>
      all.some((one) => /^missing: no alarm/.test(one)),
    )
    const nobodyCalled = history([goesIn], [noted, overdue(4.2), told], { end: T + 15_000 })
    expect(found(nobodyCalled).join()).to.match(/^missing: nobody on duty/)
  })

  it('sees an alarm that comes late', () => {
    expect(found(history([goesIn], [noted, overdue(6.5), told, called])).join()).to.match(/^late: #1 OVERDUE/)
  })

  it('sees an alarm after an OUT that came in time', () => {
    expect(kinds(history([goesIn, goesOut], [noted, outNoted, overdue(4.2)]))).to.include('false')
  })

  it('takes an alarm for the one of the next visit, where that of the visit before was over unheard', () => {
    const afterAlarm = (at: number): Said =>
      said(at, MO.number, 'OUT noted 11:00. The people we alerted are being told. Someone may still call you.')
    const acts = [goesIn, act(4.3, 'out', 'OUT'), act(4.6, 'in', 'IN 2s', { ms: 2_000 }), act(12, 'out', 'OUT')]
    const heard = [
      noted,
      afterAlarm(4.4),
      { ...noted, at: T + 4_700 },
      overdue(8.4),
      { ...told, at: T + 8_500 },
      afterAlarm(12.1),
    ]
    const lives: Life[] = [
      { began: T, ready: T, ended: T + 5_000, end: 'silence' },
      { began: T + 8_000, ready: T + 8_300 },
    ]
    const down = said(12.1, 'room', '#1 STOOD DOWN: OUT came from the phone of Mo at 11:00')
    const blind = said(8.4, 'room', 'BLIND to everything, 11:00–11:00')
    const more = { lives, end: T + 15_000, duty: [] }
    expect(found(history(acts, [...heard, down, blind], more))).to.deep.equal([])
    expect(found(history(acts, [...heard, blind], more)).join()).to.match(/lost: #1 was heard, its STOOD DOWN was not/)
  })

  it('cannot know which came first in the moment of the deadline, and takes either', () => {
    const justThen = act(4, 'out', 'OUT')
    const late = said(4.1, MO.number, 'OUT noted 11:00. The people we alerted are being told.')
    const down = said(4.1, 'room', '#1 STOOD DOWN: OUT came from the phone of Mo at 11:00')
    expect(found(history([goesIn, justThen], [noted, { ...outNoted, at: T + 4_100 }]))).to.deep.equal([])
    expect(found(history([goesIn, justThen], [noted, overdue(4.05), down, late]))).to.deep.equal([])
    expect(kinds(history([goesIn, justThen], [noted, overdue(4.05), late]))).to.include('lost')
  })

  it('knows that an order may mean an alarm that an OUT has ended, though another one is open', () => {
    const first = [
      noted,
      overdue(4.2),
      told,
      said(4.5, 'room', '#1 STOOD DOWN: OUT came from the phone of Mo at 11:00'),
    ]
    const late = said(4.6, MO.number, 'OUT noted 11:00. The people we alerted are being told.')
    const again = [{ ...noted, at: T + 5_100 }, overdue(8.2, 2), { ...told, at: T + 8_300 }]
    const acts = [
      goesIn,
      act(4.4, 'out', 'OUT'),
      act(5, 'in', 'IN 3s', { ms: 3_000 }),
      act(8.5, 'note', 'note 1 hat', { incident: 1, token: 'hat' }),
    ]
    const nothing = said(8.6, 'room', 'Nothing is open under number 1')
    expect(found(history(acts, [...first, late, ...again, nothing]))).to.deep.equal([])
    expect(kinds(history(acts, [...first, late, ...again]))).to.include('lost')
  })

  it('cannot know which came first of what a member and an admin wrote at about the same time, and takes either', () => {
    const nothing = said(1.1, MO.number, 'Noted 11:00, but there is no time to add to.')
    const added = said(1.1, MO.number, 'Noted 11:00. Your time ends at 11:00: text OUT by then or we alert people.')
    const answers = [
      said(1.1, 'room', 'Checked in by Admin: Mo, until 11:00'),
      said(1.1, MO.number, 'The people watching checked you in at 11:00. Text OUT by 11:00 or we alert people.'),
      outNoted,
    ]
    const asks = (end: number, more: Partial<Act> = {}): Act[] => [
      act(1, 'more', 'MORE 2s', { ms: 2_000, end: T + end * 1_000, ...more }),
      act(1.02, 'admin-in', 'in Mo 9s', { ms: 9_000 }),
      goesOut,
    ]
    expect(found(history(asks(1.6), [nothing, ...answers]))).to.deep.equal([])
    expect(found(history(asks(1.6), [added, ...answers]))).to.deep.equal([])
    expect(kinds(history(asks(1.01), [added, ...answers]))).to.have.members(['lost', 'strange'])
    const theirOwn = [asks(1.6)[0] as Act, { ...goesIn, sent: T + 1_020 }, goesOut]
    expect(kinds(history(theirOwn, [added, noted, outNoted]))).to.include('lost')
  })

  it('sees what is said twice, and an alarm that climbs faster than its ladder', () => {
    expect(kinds(history([goesIn, goesOut], [noted, outNoted, outNoted]))).to.include('doubled')
    expect(kinds(history([goesIn], [noted, overdue(4.2), overdue(4.4), told, called]))).to.include('doubled')
  })

  it('sees an answer that is given twice under two names, whoever died', () => {
    const people = [{ ...MO, via: 'sms' as const }]
    const lives = [
      { began: T, ready: T, ended: T + 3_050, end: 'after-send' },
      { began: T + 3_100, ready: T + 3_200 },
    ]
    const named = (effect: string): Said => ({ ...outNoted, effect })
    const acts = [goesIn, goesOut]
    expect(found(history(acts, [noted, named('m:2:1'), named('m:2:1')], { people, lives }))).to.deep.equal([])
    expect(kinds(history(acts, [noted, named('m:2:1'), named('m:3:1')], { people, lives }))).to.include('doubled')
  })

  it('sees a number that stands for two', () => {
    const people = [MO, { ...MO, name: 'Ada', number: '+447700900002' }]
    const ada = { ...goesIn, name: 'Ada' }
    const other = said(4.3, 'room', '#1 OVERDUE, unconfirmed: Ada\nIn 11:00, due 11:00')
    expect(found(history([goesIn, ada], [noted, overdue(4.2), other], { people })).join()).to.match(
      /number 1 stands for Mo and Ada/,
    )
  })

  it('sees what waits for ever', () => {
    expect(kinds(history([], [], { waiting: ['imok_inbox_depth 1'] }))).to.deep.equal(['stuck'])
  })

  it('allows an alarm to wait while nobody watched, and no longer', () => {
    const lives = [
      { began: T, ready: T, ended: T + 2_000, end: 'outside' },
      { began: T + 6_000, ready: T + 7_000 },
    ]
    const late = { ...told, at: T + 7_300 }
    const blind = said(7.1, 'room', 'BLIND to everything, 11:00–11:00')
    const more = { lives, end: T + 20_000 }
    const calls = { ...called, at: T + 7_300 }
    expect(found(history([goesIn], [noted, overdue(7.1), blind, late, calls], more))).to.deep.equal([])
    expect(
      kinds(history([goesIn], [noted, overdue(10), blind, { ...late, at: T + 10_100 }, calls], more)),
    ).to.deep.equal(['late'])
  })

  it('takes either answer to a STATUS that waited for somebody to watch until the alarm was due, and not so otherwise', () => {
    const lives = [
      { began: T, ready: T, ended: T + 2_000, end: 'cut' },
      { began: T + 5_000, ready: T + 5_000, goesOn: true as const },
    ]
    const asks = act(2.5, 'status', 'STATUS')
    const isOverdue = said(5.4, MO.number, '11:00: no OUT came by 11:00, so the alarm is on. Nobody has answered yet.')
    const isOut = said(5.2, MO.number, '11:00: you are checked in. Text OUT by 11:00.')
    const alarm = [overdue(5.3), { ...told, at: T + 5_400 }, { ...called, at: T + 5_400 }]
    const more = { lives, end: T + 20_000 }
    for (const answer of [isOverdue, isOut])
      expect(found(history([goesIn, asks], [noted, answer, ...alarm], more)), answer.text).to.deep.equal([])
    const watched = [noted, { ...isOverdue, at: T + 2_700 }, overdue(4.2), told, called]
    expect(kinds(history([goesIn, asks], watched))).to.include('strange')
  })

  describe('of a roll-call', () => {
    const names = ['Ada', 'Bert', 'Cleo']
    const people = names.map((name, n) => ({ ...MO, name, number: `+44770090000${String(n + 2)}` }))
    const acts = names.map((name) => ({ ...goesIn, name }))
    const phones = people.flatMap(({ number: to }) => [
      { ...noted, to },
      { ...told, to, at: T + 5_000 },
    ])
    const calls = (at: number, ...who: string[]): Said => {
      const lines = who.map(
        (name) => `#${String(names.indexOf(name) + 1)} ${name}, due 11:00: take ${String(names.indexOf(name) + 1)}`,
      )
      return said(
        at,
        'room',
        `#3 ROLL-CALL, unconfirmed: no OUT came from them.\n${lines.join('\n')}\nFor all of these, write: take 1-3`,
      )
    }
    const single = said(4.2, 'room', '#1 OVERDUE, unconfirmed: Ada\nIn 11:00, due 11:00')
    const all = (...heard: Said[]): History => history(acts, [...phones, called, ...heard], { people, end: T + 20_000 })

    it('hears everybody whom it names, up to 5 s after their time, beside what was said singly', () => {
      expect(found(all(single, calls(8.5, 'Ada', 'Bert', 'Cleo')))).to.deep.equal([])
    })

    it('goes by when something was said, not by the place that the list had kept for it', () => {
      const again = { ...single, at: T + 10_900 }
      expect(found(all(again, calls(4.5, 'Ada', 'Bert', 'Cleo')))).to.deep.equal([])
    })

    it('misses who is not in it, and whoever cannot be taken by it', () => {
      expect(found(all(single, calls(4.5, 'Ada', 'Cleo'))).join()).to.match(/^missing: no alarm was heard/)
      const untakable = calls(4.5, 'Ada', 'Bert', 'Cleo')
      untakable.text = untakable.text.replace('take 2\n', 'take 1\n')
      expect(found(all(single, untakable)).join()).to.match(/^missing: no alarm was heard/)
    })

    it('sees who is named late, twice, or after their end', () => {
      expect(kinds(all(single, calls(4.5, 'Ada', 'Bert'), calls(10.5, 'Cleo')))).to.deep.equal(['late'])
      expect(kinds(all(single, calls(4.5, 'Ada', 'Bert', 'Cleo'), calls(5, 'Cleo')))).to.deep.equal(['doubled'])
      const over = [
        said(5, 'room', '#2 STOOD DOWN: OUT came from the phone of Bert at 11:00'),
        { ...outNoted, to: '+447700900003', at: T + 5_000 },
      ]
      const out = { ...goesOut, name: 'Bert', sent: T + 4_900, end: T + 4_910, came: T + 4_910 }
      const heard = [single, calls(4.5, 'Ada', 'Bert', 'Cleo'), ...over, calls(7, 'Bert')]
      const it = history([...acts, out], [...phones, called, ...heard], { people })
      expect(kinds(it)).to.include('false')
    })
  })

  it('tries a text of which nobody knows whether it came both ways', () => {
    const perhaps = { ...goesOut, fate: 'maybe' as const }
    expect(found(history([goesIn, perhaps], [noted, outNoted]))).to.deep.equal([])
    expect(found(history([goesIn, perhaps], [noted, overdue(4.2), told, called]))).to.deep.equal([])
  })

  it('knows that a text that could not be stored may be stored after its time, if it is stored at all', () => {
    const handed = act(3, 'out', 'OUT', { end: T + 8_000 })
    const late = [
      said(6, 'room', '#1 STOOD DOWN: OUT came from the phone of Mo at 11:00'),
      said(6.1, MO.number, 'OUT noted 11:00. The people we alerted are being told.'),
    ]
    const heard = [noted, overdue(4.2), told, ...late]
    expect(found(history([goesIn, { ...handed, fate: 'maybe', isLoose: true }], heard))).to.deep.equal([])
    expect(kinds(history([goesIn, handed], heard))).to.include('false')
  })
})
