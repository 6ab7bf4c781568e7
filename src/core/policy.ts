import type { Duration } from './time.ts'

/** Whom a ladder step nudges on their own phones: the first on duty, the next one, or everyone on duty. */
export type Whom = 'first' | 'next' | 'everyone'

/** One rung: what happens `after` the incident was raised while nobody has it. */
export interface Step {
  after: Duration
  room: boolean
  nudge?: Whom
}

/** How an alarm climbs. It never ends: `repeat` goes on until a human takes it. */
export interface Ladder {
  steps: Step[]
  repeat: { every: Duration; room: true; nudge?: Whom }
}

/** The group's rules, per kind of session. Every number here is a setting (config/protocols/default.yaml). */
export interface Policy {
  timed: {
    /** When IN says nothing: 60 min. */
    duration: Duration
    /** The furthest a deadline may be from IN: 12 h. */
    longest: Duration
    /** How long before the deadline, longest first: 10 min and 3 min. */
    reminders: Duration[]
  }
  ladders: { overdue: Ladder; sos: Ladder }
  take: {
    /** 30 min, by poll or command. */
    lasts: Duration
    /** 12 h, when a next check is named. */
    longest: Duration
    /** The holder is asked this long before the end: 5 min. */
    askBefore: Duration
    /** Asked of an SOS nobody has taken: the member is told so after 10 min. */
    tellUntakenAfter: Duration
  }
  storm: Storm
  emergencyNumber: string
  /** How long what is over is kept: 24 h for sessions without incident, 30 days for incidents. */
  retention: { sessions: Duration; incidents: Duration }
  /** Waits that are about machines and not about people: real time, already converted to the kernel's. */
  waits: Waits
}

/** When many alarms come together a roll-call says them. */
export interface Storm {
  /** So many untaken `overdue` at one place … */
  members: number
  /** … that came within this time. */
  within: Duration
  /** Or more alerts than this in a second. */
  alerts: number
}

/** In kernel milliseconds: a real duration times the simulator's speed. */
export interface Waits {
  /** How long an answer waits to be able to say that the alert was sent: 3 s. */
  answer: Duration
  /** The room has not accepted an alert for this long: nudge people directly: 15 s. */
  roomDown: Duration
  /** The longest one attempt to send may take: 20 s. A claim outlives it by as much again. */
  attempt: Duration
  /** First pause after a refused attempt: 1 s, doubling, with a cap of 5 s for alerts and 5 min for the rest. */
  backoff: Duration
  backoffAlert: Duration
  backoffLongest: Duration
  /** A nudge or alert SMS without a delivery receipt after this goes to the next channel: 60 s. */
  evidence: Duration
  /** Messages that name more members of a storm are so far apart, and nobody waits for longer to be named: 5 s. */
  rollCall: Duration
  /** The first message of a storm waits so long for others of the same moment: 0.25 s. */
  gather: Duration
  /** What counts as a second when alerts are counted: 1 s. So long the group's record may take to be saved, too. */
  second: Duration
  /** What may have reached a phone is looked for, and sent again, only after this, and what may have reached the room at the latest: 10 s. */
  doubt: Duration
}
