import { expect } from 'chai'
import { World } from '../../support/kernel-in-process.ts'
import { sideBySide } from '../../support/side-by-side.ts'

const FIFI = '+447700900002'
const BEN = '+447700900200'

interface Fifi {
  world: World
  texts: (text: string) => Promise<unknown>
  /** A text of ours to her that fits, now or when it comes. */
  hears: (pattern: RegExp) => Promise<{ sid: string }>
  heard: (pattern: RegExp) => number
}

const fifi = (story: (it: Fifi) => Promise<void>) => (): Promise<void> =>
  World.tell(async (world) => {
    await world.invites('Fifi', FIFI)
    await story({
      world,
      texts: (text) => world.twilio.text(FIFI, text),
      hears: (pattern) => world.twilio.sent(FIFI, pattern),
      heard: (pattern) => world.twilio.sentTo(FIFI).filter((m) => pattern.test(m.body)).length,
    })
  })

describe('through real HTTP: SMS', () => {
  sideBySide({
    'imok fault 15: a text in, a reply out; a webhook delivered again and again has one effect': fifi(
      async ({ world, texts, hears, heard }) => {
        const { sid, status, answer } = await world.twilio.text(FIFI, 'IN 90')
        expect([status, answer]).to.deep.equal([200, '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'])
        await hears(/^Noted/)
        for (let i = 0; i < 2; i++) expect((await world.twilio.deliver(sid)).status).to.equal(200)
        await texts('OUT')
        await hears(/^OUT noted/)
        await world.twilio.deliver(sid)
        await texts('STATUS')
        await hears(/you are not checked in/)
        expect(heard(/^Noted/)).to.equal(1)
      },
    ),

    'imok fault 12: a bad signature changes nothing, whatever switches the environment has': fifi(async ({ world }) => {
      const before = { ...process.env }
      for (const name of ['NODE_ENV', 'DEBUG', 'IMOK_DEBUG']) process.env[name] = 'development'
      try {
        const { sid } = await world.twilio.text(FIFI, 'SOS', { deliver: false })
        for (const how of [{ signature: '' }, { signature: 'bm90IGl0' }, { token: 'another-token' }]) {
          expect((await world.twilio.deliver(sid, how)).status).to.equal(403)
        }
        expect(world.times(/SOS/)).to.equal(0)
        // Signed, the same one is taken: it was not marked as seen.
        expect((await world.twilio.deliver(sid)).status).to.equal(200)
        await world.roomHears(/^#1 SOS: Fifi/)
      } finally {
        process.env = before
      }
    }),

    'an SOS: room, member and everyone on duty; a take; an end': fifi(async ({ world, texts, hears }) => {
      await texts('SOS behind the mill')
      await world.roomHears(/^#1 SOS: Fifi[^]*behind the mill/)
      await hears(/SOS received. Alert sent/)
      for (const to of [BEN, '+447700900201'])
        await world.twilio.sent(to, /^imok: an alert needs you in the room. \d\d:\d\d$/)
      await world.admin('take 1')
      await hears(/a person has answered/)
      await world.admin('resolve 1 reached')
      await hears(/a person has ended the alarm/)
      await world.twilio.sent(BEN, /an alert is over/)
    }),

    'callbacks late, out of order, doubled: the alert says what is known of the reminder': fifi(
      async ({ world, texts, hears }) => {
        await texts('IN 2s')
        const reminder = await hears(/your time ends at/)
        for (const status of ['delivered', 'sent', 'delivered', 'queued']) {
          expect((await world.twilio.receipt(reminder.sid, status)).status).to.equal(200)
        }
        expect(await world.roomHears(/^#1 OVERDUE, unconfirmed: Fifi/)).to.match(/1 reminder delivered/)
        await hears(/an alert was sent/)
        await texts('OUT')
        await world.roomHears(/^#1 STOOD DOWN/)
        await hears(/people we alerted are being told/)
      },
    ),

    'callbacks lost: the alert claims nothing about the reminder': fifi(async ({ world, texts, hears }) => {
      await texts('IN 1s')
      await hears(/your time ends at/)
      expect(await world.roomHears(/^#1 OVERDUE/)).to.match(/1 reminder sent \d\d:\d\d, delivery not confirmed/)
    }),

    'Twilio refuses (429, 503): the reply comes all the same, once': fifi(async ({ world, texts, hears, heard }) => {
      world.twilio.fail({ code: 20429, retryAfter: 1 }, { times: 1, to: FIFI })
      world.twilio.fail({ status: 503 }, { times: 1, to: FIFI })
      const before = world.twilio.asked('send')
      await texts('NAME Fifi Two')
      await hears(/now see you as Fifi Two/)
      expect(world.twilio.asked('send') - before).to.be.at.least(3)
      expect(heard(/Fifi Two/)).to.equal(1)
    }),

    'Twilio is down when the time is over: the room is alerted on time, the member once it is back': fifi(
      async ({ world, texts, hears }) => {
        await texts('IN 1s')
        await hears(/your time ends at/)
        await world.twilio.down()
        const due = Date.now() + 500
        await world.roomHears(/^#1 OVERDUE/)
        expect(Date.now() - due).to.be.below(1_500)
        await world.twilio.up()
        await hears(/an alert was sent/)
      },
    ),

    'STOP cuts the line, not the watch; START revives it': fifi(async ({ world, texts, hears }) => {
      await texts('IN 1s')
      await texts('STOP')
      await world.roomHears(/PLEASE RING Fifi: no message gets there any more/)
      await world.roomHears(/^#1 OVERDUE, unconfirmed: Fifi/)
      await texts('OUT')
      await world.roomHears(/^#1 STOOD DOWN/)
      await texts('START')
      await hears(/we will text you here again/)
    }),

    'a line that refuses (21610) is dead, and the room hears it': fifi(async ({ world, texts, hears }) => {
      world.twilio.fail({ code: 21610 }, { to: FIFI })
      await texts('IN 60')
      await world.roomHears(/PLEASE RING Fifi[^]*STOP was texted/)
      world.twilio.heal()
      await texts('START')
      await hears(/we will text you here again/)
    }),

    'an OUT whose webhook got lost while we were down is read back: no alarm': fifi(async ({ world, texts, hears }) => {
      await texts('IN 1s')
      await hears(/^Noted/)
      await world.stops()
      await world.twilio.text(FIFI, 'OUT', { deliver: false })
      await new Promise((resolve) => setTimeout(resolve, 1_100)) // the deadline passes meanwhile, by the machine's own clock
      await world.starts()
      await hears(/^OUT noted/)
      expect(world.times(/OVERDUE/)).to.equal(0)
      expect(await world.roomHears(/^BLIND to everything/)).to.match(/not any more: Fifi/)
    }),

    'a provider that cannot be read back delays no alarm, and the alarm says that texts may be missing': fifi(
      async ({ world, texts, hears }) => {
        await texts('IN 1s')
        await hears(/^Noted/)
        await world.stops()
        world.twilio.fail({ status: 500 }, { on: 'list' })
        await new Promise((resolve) => setTimeout(resolve, 1_100)) // as above
        await world.starts()
        expect(await world.roomHears(/^#1 OVERDUE/)).to.match(/Texts may be missing/)
        expect(await world.roomHears(/^BLIND/)).to.match(/Could not be read back: SMS/)
      },
    ),

    'a stranger is shown and gets no answer': fifi(async ({ world }) => {
      expect((await world.twilio.text('+447700900666', 'SOS')).status).to.equal(200)
      await world.roomHears(/^UNVERIFIED, perhaps an SOS: \+447700900666/)
      expect(world.twilio.sentTo('+447700900666')).to.deep.equal([])
    }),
  })
})
