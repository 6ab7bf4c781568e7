// A visit of one member as the checker sees it, in pieces.
import type { Act, History, Said } from '../history.ts'
import { rungsOf } from '../settings.ts'
import { judge } from './judge.ts'

export const MO = { name: 'Mo', number: '+447700900001', via: 'simulator', isSeeded: true } as const
export const T = Date.parse('2026-11-17T11:00:00Z')

/** Moments are seconds after eleven. */
export const act = (at: number, verb: Act['verb'], text: string, more: Partial<Act> = {}): Act => {
  const sent = T + at * 1_000
  return { name: 'Mo', verb, text, sent, end: sent + 10, came: sent + 10, fate: 'stored', ...more }
}
export const said = (at: number, to: string, text: string): Said => ({ to, text, at: T + at * 1_000 })

export const goesIn = act(1, 'in', 'IN 3s', { ms: 3_000 })
export const noted = said(1.1, MO.number, 'Noted 11:00. Text OUT by 11:00. Without OUT we alert people at 11:00.')
export const goesOut = act(3, 'out', 'OUT')
export const outNoted = said(
  3.1,
  MO.number,
  'OUT noted 11:00. You get no more reminders. If you did not send OUT, text SOS.',
)
export const overdue = (at: number, number = 1): Said =>
  said(at, 'room', `#${number} OVERDUE, unconfirmed: Mo\nIn 11:00, due 11:00`)
export const told = said(4.3, MO.number, 'No OUT by 11:00, so an alert was sent at 11:00. Safe? Text OUT.')
export const called = said(7.2, '+447700900800', 'imok: an alert needs you in the room. 11:00')

export const history = (acts: Act[], heard: Said[], more: Partial<History> = {}): History => ({
  people: [MO],
  acts,
  said: heard,
  lives: [{ began: T, ready: T }],
  strangers: [],
  duty: ['+447700900800'],
  isBadDay: false,
  speed: 1,
  lag: 0,
  end: T + 9_000,
  waiting: [],
  troubles: [],
  ...more,
})

export const found = (it: History): string[] =>
  judge(it, rungsOf('twilio')).findings.map(({ kind, what }) => `${kind}: ${what}`)
export const kinds = (it: History): string[] => judge(it, rungsOf('twilio')).findings.map(({ kind }) => kind)
