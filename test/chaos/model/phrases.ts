/**
 * What imok says, told apart by the words that design/protocol.md fixes or that carry the fact. One text has the names of
 * everything it counts as; a text without any is none that this model knows, which is a finding by itself.
 */

const onPhones: readonly [RegExp, ...string[]][] = [
  [/^Noted \d\d:\d\d\b.* Text OUT by/, 'in'],
  [/^Noted \d\d:\d\d\. Your time ends at/, 'more'],
  [/checked you in at/, 'in-by-admin'],
  [/^OUT noted \d\d:\d\d\. You get no more reminders/, 'out', 'ended'],
  [/^OUT noted \d\d:\d\d\. The people we alerted/, 'out-after-alarm', 'ended'],
  [/^OUT noted \d\d:\d\d\. No more reminders, but your SOS/, 'out-under-sos'],
  [/^OUT received \d\d:\d\d, but you were not checked in/, 'out-of-nothing'],
  [/checked you out/, 'out-by-admin'],
  [/^OK noted \d\d:\d\d\. Your time still ends/, 'ok'],
  [/^OK noted \d\d:\d\d\. You are not checked in/, 'ok-for-nothing'],
  [/no time to add to/, 'more-of-nothing'],
  [/^Received \d\d:\d\d\. No OUT came by .* Only OUT ends it/, 'still-overdue'],
  [/^Received \d\d:\d\d and being passed on\. Your SOS stays on/, 'still-sos'],
  [/^Received \d\d:\d\d and being passed on\. It may not be read soon\. You are not/, 'passed-on'],
  [/^Received \d\d:\d\d and being passed on\. It may not be read soon\. Your time/, 'passed-on-out'],
  [/^SOS received/, 'sos'],
  [/^No OUT by/, 'overdue'],
  [/still nobody has answered your SOS/, 'untaken'],
  [/: your time ends at/, 'reminder'],
  [/a person has answered and may contact you/, 'taken'],
  [/the person who answered has gone quiet/, 'lapsed'],
  [/a person has ended the alarm/, 'resolved'],
  [/invites you/, 'invitation'],
  [/^You are registered/, 'welcome'],
  [/: you are checked in\./, 'status-out'],
  [/: no OUT came by .* the alarm is on/, 'status-overdue'],
  [/: your SOS is on/, 'status-sos'],
  [/: the alarm is on and a person has answered/, 'status-taken'],
  [/: you are not checked in and no alarm is on/, 'status-in'],
]

export function namesOnPhone(text: string): string[] {
  const said = /^From the people watching, \d\d:\d\d: (.*)$/s.exec(text)?.[1]
  if (said !== undefined) return [`said ${said}`]
  return (onPhones.find(([fits]) => fits.test(text))?.slice(1) as string[] | undefined) ?? []
}

/** Of an alarm, by its number: what opens, repeats, holds and ends it. */
const ofIncident = /^#(\d+) (OVERDUE|SOS|TAKEN|OPEN AGAIN|CLOSED|STOOD DOWN)\b/

/** Says that somebody may be in danger. */
export const isAlarm = (heading: Heading): boolean =>
  heading === 'OVERDUE' || heading === 'SOS' || heading === 'OPEN AGAIN'

export type Heading = 'OVERDUE' | 'SOS' | 'TAKEN' | 'OPEN AGAIN' | 'CLOSED' | 'STOOD DOWN'

export function headingOf(text: string): { number: number; heading: Heading } | undefined {
  const found = ofIncident.exec(text)
  return found ? { number: Number(found[1]), heading: found[2] as Heading } : undefined
}

/** Somebody in a roll-call. What it says of each counts as an alarm of theirs. */
export interface Called {
  number: number
  name: string
  heading: 'OVERDUE' | 'OPEN AGAIN'
}

/** Whom a roll-call names; each must stand there with how to take them. `isRepeat`: those who are still open. */
export function rollCallOf(text: string): { isRepeat: boolean; called: Called[] } | undefined {
  const opening = /^#\d+ ROLL-CALL, (unconfirmed|still open)/.exec(text)?.[1]
  if (opening === undefined) return undefined
  const lines = [...text.matchAll(/^#(\d+) (OPEN AGAIN: )?([^,\n]+), due \d\d:\d\d: take \1$/gm)]
  const called = lines.map(([, number, again, name = '']): Called => {
    return { number: Number(number), name, heading: again === undefined ? 'OVERDUE' : 'OPEN AGAIN' }
  })
  return { isRepeat: opening === 'still open', called }
}

/** What the room is told about `name`, besides alarms; `undefined` if this text is not about them. */
export function nameInRoom(text: string, name: string): string | undefined {
  // Everybody's own words are quoted, so that none of them passes for ours.
  const words = new RegExp(`^(?:PLEASE READ NOW\\. )?From ${name}, \\d\\d:\\d\\d:\\n> (.*)$`, 's').exec(text)?.[1]
  if (words !== undefined) return `words ${words}`
  return aboutMembers(name).find(([fits]) => fits.test(text))?.[1]
}

const aboutMembers = (name: string): [RegExp, string][] => [
  [new RegExp(`^No OUT from ${name} by`), 'deadline-too'],
  [new RegExp(`^OUT came from the phone of ${name} at`), 'out-under-sos'],
  [new RegExp(`^Joined at .*: ${name}$`), 'joined'],
  [new RegExp(`^Invited by Admin: ${name}\\.`), 'invited'],
  [new RegExp(`^Sent to ${name} at`), 'sent'],
  [new RegExp(`^Noted for ${name}$`), 'noted'],
  [new RegExp(`^Checked in by Admin: ${name},`), 'in-by-admin'],
  [new RegExp(`^Checked out by Admin: ${name},`), 'out-by-admin'],
  [new RegExp(`^More time from Admin: ${name},`), 'extended'],
  [new RegExp(`^Still with it, Admin\\? You have ${name} until`), 'take-ends'],
  [new RegExp(`^Checked in already: ${name},`), 'already-out'],
  [new RegExp(`^Not checked in: ${name}$`), 'not-out'],
  [new RegExp(`^Not done: an alarm is open for ${name}\\.`), 'alarm-open'],
]

/** What concerns everybody or nobody. */
export function isGeneral(text: string): boolean {
  return /^BLIND to|^Well again at \d\d:\d\d: the store|^Admin here: |^#\d+ ROLL-CALL, |^UNVERIFIED|^Not done: a member has that number already$|^Nothing is open under number|^imok \S+ started/.test(
    text,
  )
}

/** The answer to an order about an alarm that is over. */
export const nothingOpen = (text: string): number | undefined => {
  const number = /^Nothing is open under (?:number )?(\d+)(?:, \d+)?$/.exec(text)?.[1]
  return number === undefined ? undefined : Number(number)
}
