import { parseCommand } from '../../../src/core/commands/parse-command.ts'
import { commandWords } from '../../../src/i18n/command-words.ts'
import type { Command, Length, Parsed } from '../../../src/core/commands/command.ts'

export const english = commandWords('en')

/** As a member who reads English and whose group knows three places. */
export const parse = (text: string): Parsed =>
  parseCommand(text, { words: english, places: ['Old Mill', 'Bridge', 'Police Station'] })

export const command = (text: string): Command => parse(text).command

export const minutes = (n: number): Length => ({ kind: 'for', ms: n * 60_000, unit: 'minutes' })
export const seconds = (n: number): Length => ({ kind: 'for', ms: n * 1_000, unit: 'seconds' })
export const until = (hour: number, minute = 0): Length => ({ kind: 'until', hour, minute })
