import path from 'node:path'
import { formatDuration } from '../core/duration.ts'
import type { Assembly } from './assembly.ts'
import { builtInProtocol } from './built-in-protocol.ts'
import type { Problem } from './problem.ts'
import { readProtocol } from './protocol.ts'
import type { Protocol } from './protocol.ts'
import { codeOf } from './resolve.ts'
import type { ReadFile } from './resolve.ts'

/** The protocol file, and the three numbers in it that are settings too. */
export function loadProtocol(
  parts: Assembly,
  file: string,
  readFile: ReadFile,
  report: (problem: Problem) => void,
): Protocol {
  const protocol = fromFile(file, readFile, report)
  return { ...protocol, timed: timed(parts, protocol.timed) }
}

function fromFile(file: string, readFile: ReadFile, report: (problem: Problem) => void): Protocol {
  let text
  try {
    text = readFile(file)
  } catch (error) {
    report({
      path: 'ladder_file',
      env: 'IMOK_LADDER_FILE',
      found: `"${file}", which cannot be read (${codeOf(error)})`,
      expected: 'a file like config/protocols/default.yaml',
      instead: 'the built-in protocol is used',
    })
    return builtInProtocol
  }
  return readProtocol(path.basename(file), text, report)
}

/** Where the settings contradict each other, the earlier alarm wins. */
function timed({ values, report }: Assembly, file: Protocol['timed']): Protocol['timed'] {
  const longest = values['checkin.longest'] ?? file.longest
  const asked = values['checkin.duration'] ?? file.duration
  if (asked > longest) {
    const path = values['checkin.duration'] === undefined ? 'checkin.longest' : 'checkin.duration'
    const found = `a duration of ${formatDuration(asked)} and at most ${formatDuration(longest)}`
    report(path, found, 'a duration that is no more than the longest', {
      instead: `a check-in lasts ${formatDuration(longest)}`,
    })
  }
  const duration = Math.min(asked, longest)
  const reminders = values['checkin.reminders'] ?? file.reminders
  // Reminders that the file has for longer check-ins are no contradiction: they just never come due in a short one.
  if (values['checkin.reminders']?.some((one) => one >= duration)) {
    report(
      'checkin.reminders',
      `"${reminders.map(formatDuration).join(',')}"`,
      `each shorter than a check-in, which lasts ${formatDuration(duration)}`,
      { instead: 'the longer ones never come due' },
    )
  }
  return { duration, longest, reminders }
}
