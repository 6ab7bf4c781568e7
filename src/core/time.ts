/** A moment by the kernel's clock, in milliseconds since the Unix epoch. */
export type Instant = number

/** A length of time, in milliseconds. */
export type Duration = number

export const SECOND: Duration = 1_000
export const MINUTE: Duration = 60 * SECOND
export const HOUR: Duration = 60 * MINUTE
export const DAY: Duration = 24 * HOUR

/**
 * The group's time zone. An interface, because zone rules come with a library and a clock's table, and core has neither.
 */
export interface Zone {
  /** IANA name, for the operator. */
  readonly name: string
  /** The wall clock as `HH:MM`: 24 hours, western digits, seconds cut off. */
  clock: (at: Instant) => string
  /**
   * The first moment after `after` at which the wall clock reads `hour:minute`. A time that a clock change skips is the moment
   * of the change; a time that happens twice is its first occurrence, because an early alarm is the safer mistake.
   */
  next: (hour: number, minute: number, after: Instant) => Instant
  /** The last moment at or before `before` at which the wall clock read `hour:minute`, by the same rules. */
  last: (hour: number, minute: number, before: Instant) => Instant
}
