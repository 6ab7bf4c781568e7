import type { Metrics } from '../ports/log.ts'

/** Counting never stops what is counted: an error in the metrics is theirs, and the watch goes on without them. */
export const harmless = (metrics: Metrics): Metrics => ({
  count: quiet(metrics.count),
  set: quiet(metrics.set),
  observe: quiet(metrics.observe),
})

const quiet =
  <Given extends unknown[]>(job: (...given: Given) => void): ((...given: Given) => void) =>
  (...given) => {
    try {
      job(...given)
    } catch {
      // Nothing to do and nobody to tell: a log line for every count would drown the log.
    }
  }
