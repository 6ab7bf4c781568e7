import pino from 'pino'
import type { Log, LogFields } from '../ports/log.ts'
import { errorFields } from './error-fields.ts'
import { HIDDEN, printable, printableMessage } from './private.ts'
import { standardOutput } from './standard-output.ts'
import type { Lines } from './standard-output.ts'

export interface LogOptions {
  level: 'info' | 'warn' | 'error'
  /** Where lines go; standard output if absent. */
  lines?: Lines
}

/**
 * JSON lines, one for each event, by the machine's clock. Fields are checked as they are written: what is no id, code, count or time
 * reads `[hidden]`. Nothing here throws or waits.
 */
export function makeLog(options: LogOptions): Log {
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  const logger = pino(settings, options.lines ?? standardOutput())
  const write =
    (level: LogOptions['level']) =>
    (message: string, fields?: LogFields): void => {
      logger[level](checked(fields), printableMessage(message))
    }
  return { info: write('info'), warn: write('warn'), error: write('error') }
}

const ours = new Set(['level', 'time', 'msg'])

/** The type allows ids, codes, counts and times only; what gets past it is caught here. */
function checked(fields: Record<string, unknown> = {}): Record<string, string | number | boolean | undefined> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      if (value instanceof Error) return Object.entries(errorFields(value)).map(([key, one]) => [key, printable(one)])
      const key = /^[a-z][a-z0-9]{0,39}$/i.test(name) ? name : HIDDEN
      return [[ours.has(key) ? `${key}Field` : key, printable(value)]]
    }),
  )
}
