import type * as z from 'zod'
import type { Problem } from './problem.ts'
import { quoted } from './problem.ts'
import { suggest } from './suggest.ts'
import type { YamlFile } from './yaml-file.ts'

type Key = string | number

/** zod's issues in a section of a protocol file, in words for the person who wrote it. */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  content: unknown,
  section: readonly Key[],
  file: YamlFile,
): Problem[] {
  return issues.flatMap((issue) => {
    const keys = [...section, ...(issue.path as Key[])]
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, keys, file))
    const last = keys.at(-1)
    const format = formats[typeof last === 'number' ? 'steps.0' : (last ?? '')]
    return {
      path: keys.join('.'),
      where: file.where(keys),
      found: found(valueAt(content, issue.path as Key[])),
      expected:
        issue.code === 'custom' ? issue.message : (format?.expected ?? 'settings of its own below it, indented'),
      ...(format && { example: format.example }),
      instead: insteadOf(section),
    }
  })
}

interface Format {
  expected: string
  example: string
}

const time: Format = { expected: 'a length of time, like 90s, 5m, 1h30m', example: '5m' }

/** What stands under each key, for whoever left it out or wrote something of another shape. */
const formats: Record<string, Format> = {
  duration: { ...time, example: 'duration: 60m' },
  longest: { ...time, example: 'longest: 12h' },
  reminders: { expected: 'a list of lengths of time', example: 'reminders: [10m, 3m]' },
  lasts: { ...time, example: 'lasts: 30m' },
  ask_before: { ...time, example: 'ask_before: 5m' },
  tell_untaken_after: { ...time, example: 'tell_untaken_after: 10m' },
  members: { expected: 'a whole number from 2 to 20', example: 'members: 3' },
  within: { ...time, example: 'within: 5m' },
  alerts: { expected: 'a whole number from 1 to 50', example: 'alerts: 5' },
  after: { ...time, example: 'after: 2m' },
  every: { ...time, example: 'every: 5m' },
  room: { expected: 'yes or no', example: 'room: yes' },
  nudge: { expected: 'first, next or everyone', example: 'nudge: first' },
  steps: { expected: 'a list of 1 to 20 steps', example: '- after: 0s' },
  'steps.0': { expected: 'after, and room or nudge', example: '- after: 2m' },
  repeat: { expected: 'every, and perhaps nudge, below it', example: 'every: 5m' },
}

const known = [
  'timed',
  'take',
  'storm',
  'ladders',
  'overdue',
  'sos',
  ...Object.keys(formats).filter((key) => !key.includes('.')),
]

function unknownKey(key: string, keys: readonly Key[], file: YamlFile): Problem {
  const meant = suggest(key, known)
  return {
    path: [...keys, key].join('.'),
    where: file.where([...keys, key]),
    found: 'a name that is not known',
    expected: meant ? `did you mean ${meant}?` : 'a name from config/protocols/default.yaml',
    instead: insteadOf(keys),
  }
}

const insteadOf = (section: readonly Key[]): string =>
  section.length > 0 ? `the built-in "${section.slice(0, 2).join('.')}" is used` : 'the built-in protocol is used'

const found = (value: unknown): string =>
  value === undefined
    ? 'nothing'
    : typeof value === 'string'
      ? quoted(value)
      : Array.isArray(value)
        ? value.every((one) => typeof one === 'string')
          ? quoted(value.join(', '))
          : 'a list'
        : 'settings'

function valueAt(content: unknown, path: readonly Key[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Record<Key, unknown>)[key] : undefined),
    content,
  )
}
