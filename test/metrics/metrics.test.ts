import { expect } from 'chai'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { makeMetrics } from '../../src/metrics/metrics.ts'
import { metricNames } from '../../src/metrics/names.ts'

const source = path.resolve(import.meta.dirname, '../../src')
const valueOf = (text: string, line: string): number | undefined => {
  const found = text.split('\n').find((one) => one.startsWith(`${line} `))
  return found === undefined ? undefined : Number(found.slice(line.length + 1))
}

describe('the metrics', () => {
  it('show every promised name with its help, from the first moment', async () => {
    const text = await makeMetrics().metricsText()
    const promised = [
      'imok_alarm_lateness_seconds',
      'imok_oldest_unsent_alert_seconds',
      'imok_inbox_depth',
      'imok_oldest_waiting_seconds',
      'imok_effects_total',
      'imok_rejected_requests_total',
      'imok_open_sessions',
      'imok_open_incidents',
      'imok_due_loop_seconds',
      'imok_watching',
      'process_resident_memory_bytes',
      'process_cpu_seconds_total',
      'process_start_time_seconds',
    ]
    for (const name of promised) expect(text).to.match(new RegExp(`^# HELP ${name} \\S`, 'm'))
    expect(valueOf(text, 'process_resident_memory_bytes')).to.be.above(1e6)
    expect(valueOf(text, 'process_cpu_seconds_total')).to.be.above(0)
    expect(valueOf(text, 'imok_metrics_misused_total')).to.equal(0)
  })

  it('count, set and observe', async () => {
    const metrics = makeMetrics()
    metrics.count('imok_effects_total', { state: 'accepted', channel: 'room' })
    metrics.count('imok_effects_total', { state: 'accepted', channel: 'room' })
    metrics.set('imok_inbox_depth', 3)
    metrics.set('imok_oldest_waiting_seconds', 1.5, { state: 'claimed' })
    metrics.observe('imok_alarm_lateness_seconds', 0.2)
    const text = await metrics.metricsText()
    expect(valueOf(text, 'imok_effects_total{state="accepted",channel="room"}')).to.equal(2)
    expect(valueOf(text, 'imok_inbox_depth')).to.equal(3)
    expect(valueOf(text, 'imok_oldest_waiting_seconds{state="claimed"}')).to.equal(1.5)
    expect(valueOf(text, 'imok_alarm_lateness_seconds_bucket{le="0.1"}')).to.equal(0)
    expect(valueOf(text, 'imok_alarm_lateness_seconds_bucket{le="0.25"}')).to.equal(1)
    expect(metrics.contentType).to.match(/^text\/plain/)
  })

  it('never carry what somebody wrote, and never grow without bound', async () => {
    const metrics = makeMetrics()
    metrics.count('imok_effects_total', { state: 'by the bridge', channel: '+447700900123', extra: 'Mo' })
    for (const trouble of ['+447700900123', 'twilio-447700900123', 'by the bridge', ''])
      metrics.count('imok_telegram_poll_failures_total', { trouble })
    for (let n = 0; n < 1000; n++) metrics.count('imok_telegram_poll_failures_total', { trouble: `http-${n}` })
    const text = await metrics.metricsText()
    for (const word of ['bridge', '7700900123', 'Mo']) expect(text).not.to.contain(word)
    expect(valueOf(text, 'imok_effects_total{state="other",channel="other"}')).to.equal(1)
    const series = text.split('\n').filter((line) => line.startsWith('imok_telegram_poll_failures_total{'))
    expect(series).to.have.length(41)
    expect(valueOf(text, 'imok_telegram_poll_failures_total{trouble="other"}')).to.equal(4 + 960)
  })

  it('never throw: what does not fit is counted as misused', async () => {
    const metrics = makeMetrics()
    metrics.count('imok_nonsense_total')
    metrics.set('imok_effects_total', 1)
    metrics.observe('imok_inbox_depth', 1)
    metrics.set('imok_inbox_depth', NaN)
    metrics.set('imok_inbox_depth', Infinity)
    metrics.count('__proto__')
    const text = await metrics.metricsText()
    expect(valueOf(text, 'imok_metrics_misused_total')).to.equal(6)
    expect(valueOf(text, 'imok_inbox_depth')).to.equal(0)
  })

  it('are separate for each kernel in one process', async () => {
    makeMetrics().set('imok_inbox_depth', 3)
    expect(valueOf(await makeMetrics().metricsText(), 'imok_inbox_depth')).to.equal(0)
  })

  it('have in their table every name, of the right kind, that the code uses', () => {
    const kinds = { count: 'counter', set: 'gauge', observe: 'histogram' } as const
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
    const uses = files.flatMap((file) => [
      ...readFileSync(path.join(source, file), 'utf8').matchAll(/\.(count|set|observe)\(\s*'(imok_\w+)'/g),
    ])
    expect(uses.length).to.be.above(5)
    for (const [, call, name] of uses) {
      expect(metricNames).to.have.property(name ?? '')
      expect(metricNames[name as keyof typeof metricNames].type, name).to.equal(kinds[call as keyof typeof kinds])
    }
  })
})
