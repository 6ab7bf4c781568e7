import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'

/**
 * The process by the usual names. Not prom-client's own collection: its event-loop monitor wakes an idle kernel a hundred times a
 * second, and `imok_due_loop_seconds` shows a blocked loop as well.
 */
export function measureProcess(registry: Registry): void {
  const measure = (name: string, help: string, read: () => number): void => {
    const gauge: Gauge = new Gauge({ name, help, registers: [registry], collect: () => gauge.set(read()) })
  }
  const spent: Counter = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time used.',
    registers: [registry],
    collect: () => {
      const { user, system } = process.cpuUsage()
      spent.reset()
      spent.inc((user + system) / 1e6)
    },
  })
  const startedAt = Date.now() / 1000 - process.uptime()
  measure('process_start_time_seconds', 'Start of the process, seconds since 1970.', () => startedAt)
  measure('process_resident_memory_bytes', 'Memory in use.', () => process.memoryUsage.rss())
  measure('nodejs_heap_size_used_bytes', 'Memory in use by JavaScript.', () => process.memoryUsage().heapUsed)
  measure('nodejs_active_resources', 'Open sockets, timers and files.', () => process.getActiveResourcesInfo().length)
}
