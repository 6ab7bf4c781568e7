import type { CommandWords } from '../core/commands/words.ts'
import { parseCommand } from '../core/commands/parse-command.ts'
import type { Length, Parsed } from '../core/commands/command.ts'
import { resolveLength } from '../core/commands/resolve-length.ts'
import type { Said, Until } from '../core/member/event.ts'
import type { Instant, Zone } from '../core/time.ts'
import type { Heard } from '../ports/inbox.ts'
import type { Duration } from '../core/time.ts'

type Message = Extract<Heard, { type: 'message' }>

/** A length as a transition needs it: counted later from where it belongs, or a time of day resolved now. */
export function resolved(
  length: Length | undefined,
  said: Instant,
  zone: Zone,
): Until | { after: Duration; exact: boolean } | undefined {
  if (!length) return undefined
  return length.kind === 'for'
    ? { after: length.ms, exact: length.unit === 'seconds' }
    : resolveLength(length, said, zone)
}

/**
 * What a message asks for. An edit is shown and not obeyed (the words it replaces were obeyed already), unless it is a cry for help.
 */
export function understand(message: Message, words: CommandWords): Parsed {
  const parsed = parseCommand(message.text, { words })
  const obeyed = message.edited !== true || parsed.command.type === 'sos' || parsed.command.type === 'blank'
  return obeyed ? parsed : { ...parsed, command: { type: 'other' } }
}

/** Whether it is a cry for help, whoever it comes from. */
export const isCry = ({ command, danger }: Parsed): boolean => danger || command.type === 'sos'

/** Whether it may be one: HELP is, from whoever is out, and NO where imok has asked. */
export const mayBeCry = (said: Parsed): boolean =>
  isCry(said) || said.command.type === 'help' || said.command.type === 'no'

/** The parts of a `said` event that come from the message itself. */
export function saidBy(
  message: Message,
  words: CommandWords,
  zone: Zone,
  receivedAt: Instant,
): Pick<Said, 'command' | 'danger' | 'words' | 'saidAt' | 'via' | 'attachment' | 'sentAt' | 'until'> {
  const { command, danger } = understand(message, words)
  const sentAt = message.sentAt === undefined ? undefined : Math.min(message.sentAt, receivedAt)
  const saidAt = sentAt ?? receivedAt
  const until = 'length' in command ? resolved(command.length, saidAt, zone) : undefined
  const { attachment } = message
  return {
    command,
    danger,
    words: wordsShown(message),
    via: message.from,
    saidAt,
    ...(sentAt !== undefined && { sentAt }),
    ...(until && { until }),
    ...(attachment && {
      attachment: {
        kind: attachment.kind,
        ...(attachment.latitude !== undefined && { latitude: attachment.latitude }),
        ...(attachment.longitude !== undefined && { longitude: attachment.longitude }),
        ...(attachment.label !== undefined && { label: attachment.label }),
        ...(attachment.reference !== undefined && { reference: attachment.reference }),
        ...(attachment.latitude !== undefined && message.edited === true && { isMoved: true as const }),
      },
    }),
  }
}

/** The most of a text that is passed on: as much as the longest text a phone can send in one go. */
const LONGEST_SHOWN = 2_000

const wordsShown = (message: Message): string => {
  const words = message.text.trim()
  return words.length > LONGEST_SHOWN ? `${words.slice(0, LONGEST_SHOWN)}…` : words
}
