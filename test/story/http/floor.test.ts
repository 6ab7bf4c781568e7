import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { SendError } from '../../../src/ports/channel.ts'
import { FOLDER, fileOf } from '../../../src/stores/lowdb/stored-document.ts'
import { World } from '../../support/kernel-in-process.ts'
import { sideBySide } from '../../support/side-by-side.ts'
import { databaseOf, tearIn } from '../../support/story-database.ts'

const FIFI = '+447700900002'
const GUS = '+447700900003'
const HAL = '+447700900004'
const BEN = '+447700900200'
const main = path.resolve(import.meta.dirname, '../../../src/main.ts')

describe('through real HTTP: the floor', () => {
  sideBySide({
    'riban fault 7: a corrupt record is set aside, the rest starts, and the room hears whose it was': () =>
      World.tell(corruptRecord),
    'riban fault 11: broken settings stop nothing while somebody is out': brokenSettings,
    'a full disk: 503 to the provider, red, the alert is tried all the same, and everything goes on by itself': () =>
      World.tell(fullDisk),
    'a text that may have gone out is looked for, and not sent twice': () => World.tell(textsInDoubt),
    'the room is down: everyone on duty is told by SMS, and the alarm arrives when it is back': () =>
      World.tell(roomIsDown),
  })
})

async function corruptRecord(world: World): Promise<void> {
  await world.invites('Fifi', FIFI)
  await world.invites('Gus', GUS)
  await world.twilio.text(GUS, 'IN 90')
  await world.twilio.text(FIFI, 'IN 90')
  await world.twilio.sent(FIFI, /^Noted/)
  const id = world.running?.engine.house.overview.out().find((g) => g.name === 'Fifi')?.id ?? 'nobody'
  await world.stops()
  const record = path.join(world.folder, FOLDER, fileOf(id))
  if (existsSync(record)) writeFileSync(record, 'torn')
  else expect(await tearIn(world.folder, id), 'her record has a file, or a row, of its own').to.equal(true)
  await world.starts()
  expect(await world.roomHears(/^DAMAGED/)).to.match(/the record of Fifi[^]*set aside as[^]*Ring Fifi/)
  await world.twilio.text(GUS, 'STATUS')
  await world.twilio.sent(GUS, /you are checked in/)
  expect((await fetch(`${world.url}/readyz`)).status).to.equal(200)
}

async function brokenSettings(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'imok-main-'))
  try {
    const first = await start(folder)
    // Killed as soon as it is answered for: whether it was applied by then or not, somebody is out.
    await post(first.url, 'IN 2s')
    first.child.kill('SIGKILL')
    await once(first.child, 'exit')
    writeFileSync(path.join(folder, 'local.yaml'), 'timezone: Mars/Olympus\ncheckin:\n  duration: banana\nnonsense: [')
    const second = await start(folder, { IMOK_TWILIO_FROM: 'banana' })
    expect(await hears(second.url, /^#1 OVERDUE, unconfirmed: Mo Member/)).to.contain('take 1')
    second.child.kill('SIGTERM')
    expect((await once(second.child, 'exit'))[0]).to.equal(0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function fullDisk(world: World): Promise<void> {
  const isReady = async (): Promise<number> => (await fetch(`${world.url}/readyz`)).status
  await world.invites('Fifi', FIFI)
  await world.invites('Gus', GUS)
  await world.twilio.text(FIFI, 'IN 2s')
  await world.twilio.sent(FIFI, /^Noted/)
  world.disk.trouble = 'ENOSPC'
  const { sid, status } = await world.twilio.text(GUS, 'SOS')
  expect(status).to.equal(503)
  await world.attempted(/^#1 OVERDUE, unconfirmed: Fifi/)
  while ((await isReady()) !== 503) await new Promise((resolve) => setTimeout(resolve, 200)) // seen within 5 s
  expect((await fetch(`${world.url}/healthz`)).status, 'the process is up').to.equal(200)
  world.disk.trouble = undefined
  await world.roomHears(/^#1 OVERDUE/)
  await world.roomHears(/^Well again at/)
  expect(await isReady()).to.equal(200)
  // The provider tries again what it was not answered for.
  expect((await world.twilio.deliver(sid)).status).to.equal(200)
  await world.roomHears(/^#2 SOS: Gus/)
  await world.twilio.sent(FIFI, /an alert was sent/)
  expect(world.times(/^#1 OVERDUE/)).to.equal(1)
}

async function textsInDoubt(world: World): Promise<void> {
  await world.invites('Fifi', FIFI)
  await world.invites('Gus', GUS)
  await world.invites('Hal', HAL)
  // One was taken and the connection broke, one never arrived, one gets no answer.
  world.twilio.fail('accept-then-drop', { to: FIFI, times: 1 })
  world.twilio.fail('drop', { to: GUS, times: 1 })
  world.twilio.fail('hang', { to: HAL, times: 1 })
  for (const from of [FIFI, GUS, HAL]) await world.twilio.text(from, 'IN 90')
  // A provider that hangs for one holds nobody else up.
  await world.twilio.text(HAL, 'SOS')
  await world.roomHears(/^#1 SOS: Hal/)
  await world.twilio.sent(BEN, /an alert needs you/)
  world.twilio.heal()
  for (const from of [GUS, HAL]) await world.twilio.sent(from, /^Noted/)
  await world.twilio.text(FIFI, 'STATUS')
  await world.twilio.sent(FIFI, /you are checked in/)
  for (const to of [FIFI, GUS, HAL])
    expect(world.twilio.sentTo(to).filter((m) => m.body.startsWith('Noted'))).to.have.length(1)
}

async function roomIsDown(world: World): Promise<void> {
  await world.invites('Fifi', FIFI)
  world.verdict = () => {
    throw new SendError('refused', 'http-502')
  }
  await world.twilio.text(FIFI, 'SOS')
  const began = Date.now()
  await world.twilio.sent(BEN, /an alert needs you in the room/)
  await world.twilio.sent(FIFI, /we are trying to alert people, nobody has it yet/)
  await world.twilio.sent(BEN, /the room is down, open the board/)
  expect(Date.now() - began).to.be.within(14_000, 17_000)
  expect(world.twilio.sentTo(FIFI).filter((m) => m.body.includes('Alert sent'))).to.deep.equal([])
  world.verdict = () => undefined
  await world.roomHears(/^#1 SOS: Fifi/)
  await world.twilio.sent(FIFI, /Alert sent/)
  expect(world.times(/^#1 SOS: Fifi/)).to.equal(1)
}

/** The product's own process, as `npm start` runs it. On a database it stands by until the term of one that was killed is over. */
async function start(folder: string, more: Record<string, string> = {}): Promise<{ child: ChildProcess; url: string }> {
  const env = {
    PATH: process.env['PATH'],
    IMOK_DATA_DIR: folder,
    IMOK_HTTP_PORT: '0',
    ...databaseOf(folder),
    ...more,
  }
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()))
  for (;;) {
    const url = /(http:\/\/127\.0\.0\.1:\d+)\//.exec(output)?.[1]
    if (url !== undefined && /is watching|stands by/.test(output)) return { child, url }
    if (child.exitCode !== null) throw new Error(`it does not start:\n${output}`)
    await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), once(child, 'exit')])
  }
}

async function post(url: string, text: string): Promise<void> {
  const body = JSON.stringify({ from: '+447700900001', text })
  const response = await fetch(`${url}/simulator/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  expect(response.status).to.equal(200)
}

async function hears(url: string, pattern: RegExp): Promise<string> {
  for (;;) {
    const all = (await (await fetch(`${url}/simulator/messages?after=0`)).json()) as
      { to: string; text: string }[] | { messages: { to: string; text: string }[] }
    const found = (Array.isArray(all) ? all : all.messages).find((m) => m.to === 'room' && pattern.test(m.text))
    if (found) return found.text
    await new Promise((resolve) => setTimeout(resolve, 50)) // another process: its list is all there is to look at
  }
}
