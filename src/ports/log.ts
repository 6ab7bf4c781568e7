/** Structured logging. Field names are checked: only ids, codes, counts and times may be logged, never what people wrote or who they are. */
export interface Log {
  info: (message: string, fields?: LogFields) => void
  warn: (message: string, fields?: LogFields) => void
  error: (message: string, fields?: LogFields) => void
}

export type LogFields = Record<string, string | number | boolean | undefined>

/** Counts and gauges, by the names that `/metrics` shows. */
export interface Metrics {
  count: (name: string, labels?: Record<string, string>) => void
  set: (name: string, value: number, labels?: Record<string, string>) => void
  observe: (name: string, value: number, labels?: Record<string, string>) => void
}
