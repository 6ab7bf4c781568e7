import { LONGEST_NAME } from '../commands/order.ts'
import { firstTime } from '../outbox/outbox.ts'
import type { Policy } from '../policy.ts'
import { clock, text } from '../texts.ts'
import type { Said } from './event.ts'
import { answerAttached, showAttached } from './attached.ts'
import { raise, showWords } from './incident.ts'
import { cutLine, heardFrom } from './lines.ts'
import { overtaken, saidIn, saidMore, saidOk, saidOut, tellStill } from './said-session.ts'
import { PROMPT_OPEN } from './reminders.ts'
import type { MemberDraft } from './tell.ts'
import { handName, tellPhone, tellRoom } from './tell.ts'

/** A member wrote. Whatever it was, they get an answer (S12). */
export function said(draft: MemberDraft, event: Said, policy: Policy): void {
  if (!firstTime(draft, event.inboundId)) return
  heardFrom(draft, event)
  overtaken(draft, event, policy)
  if (event.attachment) {
    showAttached(draft, event.attachment, event)
    if (event.command.type === 'blank') return answerAttached(draft, event.attachment)
  }
  command(draft, event, policy)
}

function command(draft: MemberDraft, event: Said, policy: Policy): void {
  const { command } = event
  const at = clock(draft.at)
  switch (command.type) {
    case 'in':
      return saidIn(draft, event, command, policy)
    case 'more':
      return saidMore(draft, event, command, policy)
    case 'out':
      return saidOut(draft, event, command)
    case 'ok':
      return saidOk(draft, event, command)
    case 'sos':
      return cry(draft, event, policy)
    case 'help':
      return saidHelp(draft, event, policy)
    case 'no':
      return prompted(draft) ? cry(draft, event, policy) : passOn(draft, event)
    case 'yes':
      return saidYes(draft, event)
    case 'start':
      return saidStart(draft, event, command.word)
    case 'carrier':
      return saidCarrierWord(draft, event)
    case 'status':
      return saidStatus(draft)
    case 'name':
      return saidName(draft, command.name)
    case 'menu':
      tellPhone(draft, text('phone.menu', { at, emergency: policy.emergencyNumber }))
      return
    case 'near-miss':
      draft.state.promptedUntil = draft.at + PROMPT_OPEN
      if (event.danger || draft.state.incident) showWords(draft, event, event.danger)
      tellPhone(draft, text('phone.ask.word', { at, word: command.meant }), { urgency: 'prompt' })
      return
    case 'blank':
      tellPhone(draft, text('phone.blank', { at }))
      return
    case 'other':
      return passOn(draft, event)
    default:
      return command satisfies never
  }
}

const prompted = ({ state, at }: MemberDraft): boolean => (state.promptedUntil ?? 0) > at

const cry = (draft: MemberDraft, event: Said, policy: Policy): void =>
  raise(draft, 'sos', policy, event.fresh, {
    words: event.words.trim(),
    wordsAt: draft.at,
    sosAt: event.saidAt,
  })

function saidHelp(draft: MemberDraft, event: Said, policy: Policy): void {
  if (draft.state.session || draft.state.incident) cry(draft, event, policy)
  else if (event.command.type === 'help' && event.command.words !== undefined) passOn(draft, { ...event, danger: true })
  else tellPhone(draft, text('phone.menu', { at: clock(draft.at), emergency: policy.emergencyNumber }))
}

function saidYes(draft: MemberDraft, event: Said): void {
  if (draft.state.status === 'invited') confirm(draft)
  else if (prompted(draft)) saidOk(draft, event, { type: 'ok' })
  else tellPhone(draft, text('phone.welcome', { at: clock(draft.at) }))
}

function saidStart(draft: MemberDraft, event: Said, word: 'START' | 'UNSTOP'): void {
  if (word === 'START' && draft.state.status === 'invited') confirm(draft)
  else tellPhone(draft, text('phone.revived', { at: clock(draft.at) }), { only: event.via })
}

/** The admins are told once, the member learns the words. */
export function confirm(draft: MemberDraft): void {
  draft.state.status = 'confirmed'
  tellRoom(draft, [text('room.joined', { name: draft.state.name, at: clock(draft.at) })])
  tellPhone(draft, text('phone.welcome', { at: clock(draft.at) }))
}

/** STOP kills the text line, not the watch. On a channel without carriers it can only be a wish to stop being watched: asked. */
function saidCarrierWord(draft: MemberDraft, event: Said): void {
  if (event.via.channel !== 'telegram') {
    cutLine(draft, event.via, 'opted-out')
    // The carrier answers on the line it cut; where there is another one, that is where we write from now on.
    if (draft.state.addresses.some((a) => !a.dead)) tellPhone(draft, text('phone.other-line', { at: clock(draft.at) }))
    return
  }
  draft.state.promptedUntil = draft.at + PROMPT_OPEN
  showWords(draft, event, event.danger)
  tellPhone(draft, text('phone.ask.word', { at: clock(draft.at), word: 'OUT' }), { urgency: 'prompt' })
}

function saidStatus(draft: MemberDraft): void {
  const { session, incident } = draft.state
  const at = clock(draft.at)
  if (incident?.taken) tellPhone(draft, text('phone.status.taken', { at }))
  else if (incident?.kind === 'sos') tellPhone(draft, text('phone.status.sos', { at }))
  else if (incident)
    tellPhone(draft, text('phone.status.overdue', { at, due: clock(session?.dueAt ?? incident.raisedAt) }))
  else if (session) tellPhone(draft, text('phone.status', { at, due: clock(session.dueAt) }))
  else tellPhone(draft, text('phone.status.no-session', { at }))
}

function saidName(draft: MemberDraft, given: string | undefined): void {
  const at = clock(draft.at)
  const was = draft.state.name
  const name = given === undefined ? undefined : [...given.trim()].slice(0, LONGEST_NAME).join('')
  if (!name) {
    tellPhone(draft, text('phone.name.show', { name: was, at }))
    return
  }
  draft.state.name = name
  if (name !== was) {
    handName(draft)
    tellRoom(draft, [text('room.renamed', { was, name })])
  }
  tellPhone(draft, text('phone.name', { name, at }))
}

/** Not a command: people read it. The member is told that it may take them a while, and what does not. */
function passOn(draft: MemberDraft, event: Said): void {
  showWords(draft, event, event.danger)
  const { session, incident } = draft.state
  if (incident) tellStill(draft)
  else if (session) tellPhone(draft, text('phone.passed-on.out', { at: clock(draft.at), due: clock(session.dueAt) }))
  else tellPhone(draft, text('phone.passed-on', { at: clock(draft.at) }))
}
