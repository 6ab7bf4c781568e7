// A kernel made of canned words, to look at the simulator's page and to drive it in a browser without the real one:
//   node test/support/fake-kernel.ts [port]
// It keeps no promise of the real one: no store, no ladder, no truth.
import express from 'express'
import { MINUTE } from '../../src/core/time.ts'
import { simulatorRoutes } from '../../src/channels/simulator/receive.ts'
import { simulatorPhones, simulatorRoom } from '../../src/channels/simulator/send.ts'
import { loopbackOnly } from '../../src/http/loopback.ts'
import { startHttp } from '../../src/http/server.ts'
import { simulatorPage } from '../../src/http/simulator-page/index.ts'
import { pageWords } from '../../src/i18n/page-words.ts'
import type { InboxItem } from '../../src/ports/inbox.ts'
import { memoryInbox, memorySent, movingClock, silent } from './memory-ports.ts'

const MO = '+447700900001'
const HOUR_MINUTE = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' })

export interface FakeKernel {
  url: string
  /** Everything that was posted, in order. */
  heard: InboxItem[]
  /** Says something to the room or a phone, as the kernel would. */
  say(to: string, text: string, choices?: { label: string; says: string }[]): Promise<void>
  close(): Promise<void>
}

export async function startFakeKernel(
  port = 0,
  options: { admin?: boolean; start?: number } = {},
): Promise<FakeKernel> {
  const clock = movingClock(options.start ?? Date.now())
  const sent = memorySent()
  const phones = simulatorPhones({ sent, clock })
  const room = simulatorRoom({ sent, clock })
  let count = 0
  const say: FakeKernel['say'] = async (to, text, choices = []) => {
    const message = {
      id: `fake:${++count}`,
      text,
      choices,
      urgency: 'alert',
      validity: MINUTE,
      since: clock.now(),
    } as const
    if (to === 'room') await room.send({ ...message, loud: true, purpose: 'alert' })
    else await phones.send({ ...message, to: { channel: 'simulator', address: to } })
  }
  const inbox = memoryInbox(
    (item) => void canned(item, say, room.showBoard, (ms) => HOUR_MINUTE.format(clock.now() + ms)),
  )
  const admin = options.admin ?? true
  const guard = loopbackOnly
  const routes = express.Router()
  routes.use(simulatorPage({ ...pageOptions(), admin, skip: true, guard }))
  routes.use(simulatorRoutes({ sent, clock, inbox, guard, admin, board: room.board, skip: clock.forward }))
  const { log, metrics } = silent
  const http = await startHttp({
    host: '127.0.0.1',
    port,
    mainRoutes: routes,
    webhookRoutes: express.Router(),
    log,
    metrics,
  })
  return { url: `http://127.0.0.1:${http.port}/simulator`, heard: inbox.items, say, close: http.close }
}

const pageOptions = () => ({
  ...pageWords('en'),
  groupName: 'Riverside Night Walk',
  zone: 'Europe/London',
  phones: [{ number: MO, name: 'Mo Member' }],
})

const TAKE = [
  { label: 'I have it', says: 'take 7' },
  { label: "It's over: safe", says: 'resolve 7 safe' },
  { label: "It's over: other", says: 'resolve 7' },
]

type Say = FakeKernel['say']
type At = (ms: number) => string

async function canned({ heard }: InboxItem, say: Say, board: (text: string) => Promise<void>, at: At): Promise<void> {
  if (heard.type === 'message') await toMember(heard.from.address, heard.text, say, board, at)
  else if (heard.type === 'order') await toAdmin(heard.text, say, board, at)
}

async function toMember(from: string, text: string, say: Say, board: (text: string) => Promise<void>, at: At) {
  if (text === 'SOS') {
    await say('room', sosAlarm(at), TAKE)
    await say(
      from,
      `${at(0)} SOS received, alert sent to 1 person. Nobody has answered yet, we keep trying. Text where you are. Emergency: 999`,
    )
    await board(`${at(0)} Out now: 1\nMo Member, SOS #7, nobody has it`)
  } else if (text.startsWith('IN')) {
    const due = at(MINUTE)
    await say(from, `${at(0)} noted. OUT by ${due}, or an alert goes out. Longer: MORE. Danger: SOS`, [
      { label: 'OUT', says: 'OUT' },
    ])
    await board(`${at(0)} Out now: 1\nMo Member until ${due}`)
  } else if (text === 'OUT') {
    await say(
      from,
      `${at(0)} OUT noted. The people alerted are being told; someone may still call. Not you or not safe: SOS`,
    )
    await say('room', `#7 STOOD DOWN: Mo Member texted OUT at ${at(0)}.`)
    await board('')
  } else await say(from, `${at(0)} Passed on, may not be read soon. Help: SOS. All words: MENU`)
}

async function toAdmin(text: string, say: Say, board: (text: string) => Promise<void>, at: At) {
  if (text.startsWith('take')) {
    await say('room', `#7 TAKEN by Admin until ${at(30 * MINUTE)}`)
    await say(MO, `${at(0)} A person has answered and may contact you. If they go quiet, we alert the others again.`)
    await board(`${at(0)} Out now: 1\nMo Member, SOS #7, Admin has it until ${at(30 * MINUTE)}`)
  } else if (text.startsWith('resolve')) await say('room', '#7 CLOSED by Admin: safe')
  else await say('room', `I did not understand. Write: help`)
}

export const sosAlarm = (at: At): string =>
  `#7 SOS: Mo Member, ${at(0)}\nNo session was open.\nNumber: +447700900001\nNotes: diabetic, carries a red rucksack\n` +
  `No text from Mo's phone closes this.\nFirst: ring Mo. Write: take 7`

export const overdueAlarm = (at: At): string =>
  `#7 OVERDUE, unconfirmed: Mo Member\nIn since ${at(-60 * MINUTE)}, due ${at(0)}, last heard ${at(-60 * MINUTE)}.\n` +
  `Reminders: 2 delivered, last ${at(-3 * MINUTE)}. Forgot 1 of the last 8.\nNotes: none saved\n` +
  `First: ring Mo. Write: take 7`

if (process.argv[1]?.endsWith('fake-kernel.ts')) {
  const kernel = await startFakeKernel(Number(process.argv[2] ?? 8099))
  console.log(kernel.url)
}
