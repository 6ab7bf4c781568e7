/** The values a label may have. Others are counted as `other`: a label must never carry what somebody wrote. */
export type LabelValues = readonly string[] | 'code'

export interface MetricDefinition {
  type: 'counter' | 'gauge' | 'histogram'
  help: string
  labels?: Readonly<Record<string, LabelValues>>
  /** Of a histogram, in its unit. */
  buckets?: readonly number[]
}

const channels = ['sms', 'telegram', 'simulator', 'room', 'group'] as const
const effectStates = [
  'pending',
  'claimed',
  'accepted',
  'delivered',
  'seen',
  'failed',
  'unknown',
  'cancelled',
  'refused',
  'dead',
  'impossible',
] as const
const waiting = [
  'deadline',
  'inbox',
  'pending',
  'claimed',
  'unsettled',
  'unknown',
  'retrying',
  'rate-limited',
  'undecryptable',
  'poisoned',
] as const
const reasons = [
  'signature',
  'too-large',
  'malformed',
  'unknown-sender',
  'replayed',
  'not-loopback',
  'store',
  'rate-limited',
] as const

/** Everything `/metrics` shows besides the process itself. A name that is not here is not counted: see `imok_metrics_misused_total`. */
export const metricNames = {
  imok_watching: {
    type: 'gauge',
    help: '1 while somebody is watched over reliably: started, store writing, due loop running.',
  },
  imok_locked: { type: 'gauge', help: '1 while the data key is missing, and nobody is watched over.' },
  imok_locked_overdue: { type: 'gauge', help: 'Members whose time is over, as far as a locked kernel knows.' },
  imok_alarm_lateness_seconds: {
    type: 'histogram',
    help: 'From the moment an alarm was due until the room accepted it, in kernel time.',
    buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300],
  },
  imok_oldest_unsent_alert_seconds: {
    type: 'gauge',
    help: 'Age of the oldest alert that no server has accepted; 0 without one.',
  },
  imok_inbox_depth: { type: 'gauge', help: 'Messages that are stored and not applied yet.' },
  imok_oldest_waiting_seconds: {
    type: 'gauge',
    help: 'Age of the oldest item in each waiting state; 0 without one.',
    labels: { state: waiting },
  },
  imok_effects_total: {
    type: 'counter',
    help: 'Outcomes of attempts to reach somebody.',
    labels: { state: effectStates, channel: channels },
  },
  imok_rejected_requests_total: {
    type: 'counter',
    help: 'Requests that changed nothing because of what was wrong with them.',
    labels: { reason: reasons },
  },
  imok_poisoned_total: { type: 'counter', help: 'Messages that could not be applied and went to the room raw.' },
  imok_open_sessions: { type: 'gauge', help: 'Members who are out.' },
  imok_open_incidents: { type: 'gauge', help: 'Incidents that no human has closed.' },
  imok_standbys: { type: 'gauge', help: 'Other kernels that would take over from this one.' },
  imok_due_loop_seconds: {
    type: 'gauge',
    help: 'From one look of the due loop at the store to the next; about 1 when well.',
  },
  imok_http_requests_total: {
    type: 'counter',
    help: 'Requests answered, by port and kind of answer.',
    labels: { door: ['main', 'webhook'], status: ['1xx', '2xx', '3xx', '4xx', '5xx'] },
  },
  imok_twilio_webhooks_total: {
    type: 'counter',
    help: 'Calls by Twilio, by how they ended.',
    labels: { outcome: ['stored', 'duplicate', 'ignored', 'bad-signature', 'malformed', 'too-large', 'store-failed'] },
  },
  imok_twilio_read_backs_total: {
    type: 'counter',
    help: "Readings of Twilio's list.",
    labels: { outcome: ['read', 'failed'] },
  },
  imok_telegram_polling: { type: 'gauge', help: '1 while Telegram is being read.' },
  imok_telegram_poll_failures_total: {
    type: 'counter',
    help: 'Failed readings of Telegram.',
    labels: { trouble: 'code' },
  },
  imok_telegram_updates_total: {
    type: 'counter',
    help: 'What came from Telegram.',
    labels: { meaning: ['message', 'link', 'order', 'receipt', 'line-cut', 'moved', 'public', 'nothing'] },
  },
  imok_matrix_failures_total: {
    type: 'counter',
    help: 'Failed connections to the Matrix room.',
    labels: { trouble: 'code' },
  },
  imok_matrix_refusals_total: {
    type: 'counter',
    help: 'Messages in the Matrix room that were not obeyed.',
    labels: { reason: 'code' },
  },
  imok_telegram_unanswered_buttons_total: {
    type: 'counter',
    help: 'Pressed buttons that Telegram would not let us answer.',
  },
} as const satisfies Record<string, MetricDefinition>

export type MetricName = keyof typeof metricNames
