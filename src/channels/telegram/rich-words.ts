import type { RichMessage } from 'grammy/types'

/** The fields of rich blocks and rich texts that hold words or lead to them; others name colours, links and files. */
const wordy = ['summary', 'text', 'alternative_text', 'expression', 'blocks', 'items', 'cells', 'caption', 'credit']

/** Parts of these stand below one another; parts of a text go on in the same line. */
const stacked = new Set(['blocks', 'items', 'cells'])

/** Deeper nesting than any app makes; what lies below is left out. */
const DEEPEST = 20

/** The plain words of a formatted message: an SOS in bold is an SOS. */
export const richWords = (message: RichMessage): string => plain(message.blocks, '\n', DEEPEST)

function plain(value: unknown, between: string, depth: number): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null || depth === 0) return ''
  if (Array.isArray(value))
    return joined(
      value.map((part) => plain(part, between, depth - 1)),
      between,
    )
  const part = value as Record<string, unknown>
  return joined(
    wordy.map((field) => plain(part[field], stacked.has(field) ? '\n' : '', depth - 1)),
    '\n',
  )
}

const joined = (words: string[], between: string): string => words.filter((w) => w !== '').join(between)
