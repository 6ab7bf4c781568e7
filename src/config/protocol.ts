import * as z from 'zod'
import type { Ladder, Policy } from '../core/policy.ts'
import { formatDuration } from '../core/duration.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../core/time.ts'
import { builtInProtocol } from './built-in-protocol.ts'
import { ladderSchema } from './ladder-schema.ts'
import type { Problem } from './problem.ts'
import { problemsOf } from './protocol-problems.ts'
import { length, lengths, whole } from './readers.ts'
import { kernelWaits } from './machine-waits.ts'
import { readYaml } from './yaml-file.ts'
import type { YamlFile } from './yaml-file.ts'

/** What a protocol file says: the part of the policy that is about people. In kernel milliseconds. */
export type Protocol = Pick<Policy, 'timed' | 'ladders' | 'take' | 'storm'>

/** The rules by which the core decides. `speed` is the kernel clock's. */
export const makePolicy = (
  protocol: Protocol,
  settings: { speed: number; emergencyNumber: string; retention: Policy['retention'] },
): Policy => ({
  ...protocol,
  emergencyNumber: settings.emergencyNumber,
  retention: settings.retention,
  waits: kernelWaits(settings.speed),
})

const { timed, take, ladders, storm } = builtInProtocol

const timedSchema = z
  .strictObject({
    duration: length(SECOND, 7 * DAY, '60m').schema.default(timed.duration),
    longest: length(SECOND, 7 * DAY, '12h').schema.default(timed.longest),
    reminders: z
      .preprocess(
        (given) => (Array.isArray(given) ? given.join(',') || 'none' : given),
        lengths(SECOND, DAY, '[10m, 3m]').schema,
      )
      .optional(),
  })
  .superRefine(({ duration, longest, reminders }, context) => {
    const fail = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message })
    if (duration > longest) fail('duration', `no more than longest, which is ${formatDuration(longest)}`)
    if (reminders?.some((one) => one >= duration))
      fail('reminders', `each shorter than duration, which is ${formatDuration(duration)}`)
  })
  .transform(({ reminders, ...rest }) => ({ ...rest, reminders: reminders ?? timed.reminders }))

const takeSchema = z
  .strictObject({
    lasts: length(MINUTE, HOUR * 12, '30m').schema.default(take.lasts),
    longest: length(MINUTE, DAY, '12h').schema.default(take.longest),
    ask_before: length(SECOND, HOUR, '5m').schema.default(take.askBefore),
    tell_untaken_after: length(SECOND, HOUR, '10m').schema.default(take.tellUntakenAfter),
  })
  .superRefine(({ lasts, longest, ask_before }, context) => {
    const fail = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message })
    if (lasts > longest) fail('lasts', `no more than longest, which is ${formatDuration(longest)}`)
    if (ask_before >= lasts) fail('ask_before', `less than lasts, which is ${formatDuration(lasts)}`)
  })
  .transform((read): Protocol['take'] => ({
    lasts: read.lasts,
    longest: read.longest,
    askBefore: read.ask_before,
    tellUntakenAfter: read.tell_untaken_after,
  }))

/** Large numbers would quietly turn roll-calls off, and then a hundred single alerts bury what to do first. */
const stormSchema = z.strictObject({
  members: whole(2, 20, 'a whole number from 2 to 20', '3').schema.default(storm.members),
  within: length(MINUTE, HOUR, '5m').schema.default(storm.within),
  alerts: whole(1, 50, 'a whole number from 1 to 50', '5').schema.default(storm.alerts),
})

/**
 * Reads a protocol file. All problems are reported; whatever cannot be used, section by section, is answered by what is built in,
 * so that there is always a ladder that climbs.
 */
export function readProtocol(name: string, text: string, report: (problem: Problem) => void): Protocol {
  const file = readYaml(name, text)
  for (const problem of file.problems) report({ ...problem, instead: 'the built-in protocol is used' })
  const top = section(
    file,
    [],
    withoutBlanks(file.content),
    z.strictObject({ timed: any, take: any, storm: any, ladders: any }),
    {},
    report,
  )
  const given = section(file, ['ladders'], top.ladders, z.strictObject({ overdue: any, sos: any }), {}, report)
  return {
    timed: section(file, ['timed'], top.timed, timedSchema, timed, report),
    take: section(file, ['take'], top.take, takeSchema, take, report),
    storm: section(file, ['storm'], top.storm, stormSchema, storm, report),
    ladders: {
      overdue: section<Ladder>(
        file,
        ['ladders', 'overdue'],
        given.overdue,
        ladderSchema('overdue'),
        ladders.overdue,
        report,
      ),
      sos: section<Ladder>(file, ['ladders', 'sos'], given.sos, ladderSchema('sos'), ladders.sos, report),
    },
  }
}

const any = z.unknown().optional()

/** One section, judged by itself; `fallback` where it is absent or wrong. */
function section<T>(
  file: YamlFile,
  keys: string[],
  content: unknown,
  schema: z.ZodType<T>,
  fallback: T,
  report: (problem: Problem) => void,
): T {
  if (content === undefined) return fallback
  const parsed = schema.safeParse(content)
  if (parsed.success) return parsed.data
  for (const problem of problemsOf(parsed.error.issues, content, keys, file)) report(problem)
  return fallback
}

/** `nudge:` with nothing behind it is not set. */
function withoutBlanks(content: unknown): unknown {
  if (Array.isArray(content)) return content.map(withoutBlanks)
  if (typeof content !== 'object' || content === null) return content === '' ? undefined : content
  const kept = Object.entries(content).map(([key, value]) => [key, withoutBlanks(value)] as const)
  return Object.fromEntries(kept.filter(([, value]) => value !== undefined))
}
