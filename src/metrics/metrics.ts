import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Metrics } from '../ports/log.ts'
import { boundedLabels } from './labels.ts'
import { metricNames } from './names.ts'
import type { MetricDefinition } from './names.ts'
import { measureProcess } from './process.ts'

export interface MetricsOfKernel extends Metrics {
  /** Everything, in the text format that scrapers read. */
  metricsText: () => Promise<string>
  /** Of that text. */
  contentType: string
}

type Labels = Record<string, string>
type Recorder = (value: number, labels: Labels) => void

/**
 * The numbers that `/metrics` shows. Counting never throws: a mistake in it must not cost an alarm. A name, a kind or a value that
 * does not fit names.ts is counted in `imok_metrics_misused_total` and otherwise ignored.
 */
export function makeMetrics(): MetricsOfKernel {
  const registry = new Registry()
  const registers = [registry]
  const misused = new Counter({
    name: 'imok_metrics_misused_total',
    help: 'Numbers that could not be counted: a mistake in imok.',
    registers,
  })
  const recorders = new Map<string, Recorder>()
  for (const [name, definition] of Object.entries<MetricDefinition>(metricNames)) {
    recorders.set(`${definition.type} ${name}`, recorder(name, definition, registers))
  }
  measureProcess(registry)
  const record = (type: MetricDefinition['type'], name: string, value: number, labels: Labels = {}): void => {
    const to = recorders.get(`${type} ${name}`)
    if (to && Number.isFinite(value)) to(value, labels)
    else misused.inc()
  }
  return {
    count: (name, labels) => record('counter', name, 1, labels),
    set: (name, value, labels) => record('gauge', name, value, labels),
    observe: (name, value, labels) => record('histogram', name, value, labels),
    metricsText: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

function recorder(name: string, definition: MetricDefinition, registers: Registry[]): Recorder {
  const { help, type, labels = {} } = definition
  const common = { name, help, registers, labelNames: Object.keys(labels) }
  const bounded = boundedLabels(labels)
  switch (type) {
    case 'counter': {
      const counter = new Counter(common)
      return (value, given) => counter.inc(bounded(given), value)
    }
    case 'gauge': {
      const gauge = new Gauge(common)
      return (value, given) => gauge.set(bounded(given), value)
    }
    case 'histogram': {
      const histogram = new Histogram({ ...common, ...(definition.buckets && { buckets: [...definition.buckets] }) })
      return (value, given) => histogram.observe(bounded(given), value)
    }
  }
}
