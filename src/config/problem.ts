/** What can be switched off by itself while the watch goes on. */
export type Part = 'twilio' | 'android-sms' | 'telegram' | 'matrix' | 'email' | 'api' | 'heartbeat'

/** One thing that is wrong with the settings, told so that it can be put right without asking anybody. */
export interface Problem {
  /** The setting (`twilio.auth_token`) or what else is meant: a file, an argument. */
  path: string
  /** Its name in the environment. */
  env?: string
  /** Where it stood: `the environment`, or a file with the line. */
  where?: string
  /** What stood there. Secrets hidden, numbers and addresses of people masked. */
  found: string
  expected: string
  example?: string
  /** The part that is off until this is put right. */
  disables?: Part
  /** What happens if the kernel has to run all the same, because sessions are open. */
  instead: string
  /** The file that was named and is not there, or not yet. */
  absent?: string
  /** Nothing can run with it: where the records are, or how to read them, is not known. */
  fatal?: true
}

/** For a terminal: all problems at once, numbered, each with what to write. Empty without problems. */
export function describeProblems(problems: readonly Problem[]): string {
  if (problems.length === 0) return ''
  const one = problems.length === 1
  const title = `${one ? 'One setting is' : `${problems.length} settings are`} wrong:`
  return [title, ...problems.map((problem, index) => describe(problem, index + 1))].join('\n\n') + '\n'
}

function describe(problem: Problem, number: number): string {
  const names = [problem.env, problem.where && `in ${problem.where}`].filter(Boolean).join(', ')
  const lines = [
    ['', `${number}. ${problem.path}${names ? ` (${names})` : ''}`],
    ['found', problem.found],
    ['expected', problem.expected],
    ['example', problem.example],
    ['until then', problem.instead],
  ] as const
  return lines
    .filter(([, text]) => text !== undefined)
    .map(([label, text]) => (label ? `   ${`${label}:`.padEnd(12)}${text ?? ''}` : text))
    .join('\n')
}

/** Long enough to recognise, too short to call or write to: of each entry of a list the first three characters. */
export const masked = (text: string): string =>
  text
    .split(',')
    .map((entry) => entry.split('=').map(beginning).join('='))
    .join(', ')

const beginning = (text: string): string => (text.trim().length > 4 ? `${text.trim().slice(0, 3)}…` : '…')

/** What a person typed, quoted and cut to a length that fits a line. */
export const quoted = (text: string): string => (text.length > 80 ? `"${text.slice(0, 77)}…"` : `"${text}"`)
