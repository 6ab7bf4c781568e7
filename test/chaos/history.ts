/**
 * What happened in a round, as somebody outside saw it: what was written, what was said, and when somebody watched. All
 * moments are milliseconds of the kernel's clock, which in a simulated world runs faster than ours.
 */
export interface History {
  people: Person[]
  acts: Act[]
  said: Said[]
  lives: Life[]
  /** What several kernels began to send to phones, and what of it reached the provider; absent where there is one. */
  begun?: Sending[]
  arrived?: Sending[]
  strangers: Stranger[]
  /** The people on duty, by their phones. */
  duty: string[]
  /** The provider of texts failed now and then. */
  isBadDay: boolean
  /** Kernel milliseconds in a real one. */
  speed: number
  /** How much later than we asked things were seen to happen on this machine, real milliseconds: nobody is blamed for that. */
  lag: number
  /** Until when it was looked. */
  end: number
  /** What the last kernel said of itself when everything had been quiet for a while: metrics that should be 0. */
  waiting: string[]
  /** What went wrong outside the model: a kernel that died by itself, a list that changed. */
  troubles: string[]
}

/** Somebody who is no member, and a word that they wrote. */
export interface Stranger {
  number: string
  token: string
  fate: Act['fate']
}

export interface Person {
  name: string
  number: string
  via: 'simulator' | 'sms'
  /** Registered before the round began, and not by an invitation. */
  isSeeded: boolean
}

export type MemberVerb = 'in' | 'out' | 'ok' | 'more' | 'sos' | 'words' | 'status' | 'yes'
export type AdminVerb = 'invite' | 'take' | 'resolve' | 'note' | 'say' | 'admin-in' | 'admin-out' | 'extend'
export type Verb = MemberVerb | AdminVerb

/** One thing that a person did: a text from a member's phone, or an order in the room. */
export interface Act {
  /** Whom it is from or about. */
  name: string
  verb: Verb
  text: string
  /** A word in it that stands nowhere else. */
  token?: string
  /** A length in it. */
  ms?: number
  /** It was written in whole minutes, so the deadline is rounded up. */
  isRounded?: boolean
  incident?: number
  /** Written at. */
  sent: number
  /** It was stored by then, if it was stored: the last answer, or the last attempt to hand it over. */
  end: number
  /** It counts as having come by then: acknowledged, or in the provider's list. */
  came: number
  /** It came by way of a provider, who keeps a list. */
  isText?: true
  /** `maybe`: the connection broke before an answer came. */
  fate: 'stored' | 'maybe'
  /** Whoever handed it over was told that it could not be stored; it may have been all the same, and after what came later. */
  isLoose?: true
}

/** Something that a phone or the room was sent. */
export interface Said {
  to: string
  text: string
  at: number
  /** The id that it has inside, where a provider was told it. Whatever is sent again has the same one. */
  effect?: string
}

/** A step of a text on its way to a phone: from which kernel, and under which id inside. */
export interface Sending {
  kernel: string
  effect: string
  at: number
}

/** One run of the kernel. */
export interface Life {
  began: number
  /** It watched from then on; never, if it died before. */
  ready?: number
  /** Real milliseconds from its first answer to ready. */
  starting?: number
  /** Not there: the last one. */
  ended?: number
  end?: string
  /** Where it stood at its end, if that was at a point. */
  point?: string
  /** Which of several kernels. */
  kernel?: string
  /** The same kernel as before, which could not act meanwhile: it says so in another way than one that begins. */
  goesOn?: true
}
