// What a run of mocha says about a mutation. Red counts only if the named test failed, by itself, for the named reason.
import type { Mutation } from './mutation.ts'

/** The part of mocha's JSON report that is looked at. */
export interface Report {
  tests: Tested[]
  passes: Tested[]
  failures: Tested[]
}

interface Tested {
  title: string
  fullTitle: string
  /** Absolute. */
  file?: string
  /** Milliseconds. */
  duration?: number
  err: { message?: string; stack?: string }
}

type Named = Pick<Mutation, 'test' | 'title' | 'because'>

/** Why the named test cannot be relied on without the mutation; undefined if it is green. */
export function notGreen(named: Named, report: Report | undefined): string | undefined {
  if (!report) return 'the tests cannot even be loaded without the mutation'
  const failed = report.failures.find(isIn(named))
  if (failed) return `its test is red without the mutation: ${firstLine(failed)}`
  return report.passes.some(isIn(named)) ? undefined : `there is no test “${named.title}” in ${named.test} that passes`
}

/** Why the mutation was not noticed as it should be; undefined if the named test went red for the named reason. */
export function notRed(named: Named, report: Report | undefined): string | undefined {
  if (!report) return 'the tests could not be loaded or did not end: that is another fault than the one meant'
  const failures = report.failures.filter(isIn(named)).filter(isTest)
  if (failures.length === 0)
    return report.failures.length > 0
      ? `another test went red, not the named one: ${report.failures[0]?.fullTitle ?? ''}`
      : 'the test stayed green: nothing notices this fault'
  const red = failures.find((failure) => !isBrokenCode(failure) && named.because.test(failure.err.message ?? ''))
  return red ? undefined : `red for another reason: ${firstLine(failures[0])}`
}

const isIn =
  ({ test, title }: Named) =>
  (tested: Tested): boolean =>
    tested.fullTitle.includes(title) && (tested.file === undefined || tested.file.endsWith(`/${test}`))

/** Not a hook that failed before the test began. */
const isTest = (failure: Tested): boolean => !/^"(before|after)( each| all)?" hook/.test(failure.title)

/** Code that cannot run is noticed by any test at all. */
const isBrokenCode = ({ err }: Tested): boolean => /^(SyntaxError|ReferenceError|TypeError)\b/.test(err.stack ?? '')

const firstLine = (tested: Tested | undefined): string => (tested?.err.message ?? 'no message').split('\n')[0] ?? ''
