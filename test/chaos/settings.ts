import type { FakeTwilio } from '../support/fake-twilio.ts'
import type { EncryptedRoom } from './room/room.ts'

/** The worlds: phones and room drawn on a page, in a hurry; texts by Twilio in real time; or an encrypted room, in real time too. */
export type Kind = 'simulator' | 'twilio' | 'matrix'

/** An alarm of a world without hurry climbs within seconds, so that a round sees it climb. */
export const QUICK_LADDER = `
take:
  ask_before: 2s
ladders:
  overdue:
    steps:
      - after: 0s
        room: yes
      - after: 3s
        nudge: first
      - after: 6s
        room: yes
        nudge: everyone
    repeat:
      every: 60s
      nudge: everyone
  sos:
    steps:
      - after: 0s
        room: yes
        nudge: everyone
      - after: 6s
        room: yes
        nudge: everyone
    repeat:
      every: 60s
      nudge: everyone
`

/** When the k-th alert of an untaken alarm may come, and when somebody's own phone is nudged; seconds of the kernel's clock. */
export interface Rungs {
  room: Record<'overdue' | 'sos', (k: number) => number>
  nudge: Record<'overdue' | 'sos', number>
  /** The shortest time between two rounds in the room. */
  between: number
}

/** From design/protocol.md section 3: the room at once, after 5, after 10, then every 5 minutes; SOS every 5 minutes. */
const usual: Rungs = {
  room: { overdue: (k) => k * 300, sos: (k) => k * 300 },
  nudge: { overdue: 120, sos: 0 },
  between: 300,
}

const quick: Rungs = {
  room: { overdue: (k) => (k < 2 ? k * 6 : 6 + (k - 1) * 60), sos: (k) => (k < 2 ? k * 6 : 6 + (k - 1) * 60) },
  nudge: { overdue: 3, sos: 0 },
  between: 6,
}

export const rungsOf = (kind: Kind): Rungs => (kind === 'simulator' ? usual : quick)

export const DUTY = ['+447700900800', '+447700900801']

export function settingsOf(
  kind: Kind,
  speed: number,
  port: number,
  ladder: string,
  { twilio, room }: { twilio: FakeTwilio | undefined; room: EncryptedRoom | undefined },
): Record<string, string> {
  const settings = {
    IMOK_TIMEZONE: 'Europe/London',
    IMOK_SIMULATOR: 'on',
    IMOK_DUTY: DUTY.map((number, n) => `@duty${n}:example.org=${number}`).join(','),
    IMOK_LOG_LEVEL: 'info',
  }
  if (room) return { ...settings, ...room.settings, IMOK_LADDER_FILE: ladder }
  if (kind === 'simulator' || !twilio) return { ...settings, IMOK_SIMULATOR_SPEED: String(speed) }
  return {
    ...settings,
    IMOK_LADDER_FILE: ladder,
    IMOK_PUBLIC_URL: `http://127.0.0.1:${port}`,
    IMOK_TWILIO_ACCOUNT_SID: twilio.accountSid,
    IMOK_TWILIO_AUTH_TOKEN: twilio.authToken,
    IMOK_TWILIO_FROM: twilio.number,
    IMOK_TWILIO_API_URL: twilio.url,
    IMOK_TWILIO_MODE: 'webhook',
  }
}
