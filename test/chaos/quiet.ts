import { now, pause } from './lives.ts'

/** Real milliseconds: gauges are renewed every 5 s; a doubtful send is cleared within 10 s; then nothing may wait any more. */
const RENEWED = 5_300
const LONGEST = 20_000
/** A homeserver is asked for no more than its default allows: what is no alarm waits for its turn. */
export const LONGEST_IN_ROOM = 120_000

/** Metrics that are 0 when nothing waits. */
const gauges = /^(imok_inbox_depth|imok_oldest_waiting_seconds\{.*\}|imok_oldest_unsent_alert_seconds) (\S+)$/gm

/** Waits until the kernel says that nothing waits; what still does at the end of patience is stuck. */
export async function quiet(url: string, longest = LONGEST): Promise<string[]> {
  const until = now() + longest
  await pause(RENEWED)
  for (;;) {
    const answer = await fetch(`${url}/metrics`).catch(() => undefined)
    const shown = answer?.ok ? await answer.text() : undefined
    const waiting =
      shown === undefined
        ? ['no metrics']
        : [...shown.matchAll(gauges)].filter(([, , value]) => Number(value) !== 0).map(([line]) => line)
    if (waiting.length === 0 || now() > until) return waiting
    await pause(300)
  }
}
