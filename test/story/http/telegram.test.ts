import { World } from '../../support/kernel-in-process.ts'
import { sideBySide } from '../../support/side-by-side.ts'
import { expect } from 'chai'

const FIFI = '+447700900002'
const CHAT = 4711

/** The admin's order gives a personal link; the person opens it. */
const joins = async (world: World): Promise<void> => {
  await world.admin('invite telegram Fifi')
  const token = /https:\/\/t\.me\/imok_fake_bot\?start=(\S+)/.exec(await world.roomHears(/t\.me/))?.[1] ?? ''
  world.telegram.text(CHAT, `/start ${token}`)
  await world.chatHears(CHAT, /You are registered/)
}

describe('through real HTTP: Telegram', () => {
  sideBySide({
    'a personal link, a check-in, an alarm, a button that ends it': () =>
      World.tell(async (world) => {
        await joins(world)
        // Telegram tells whole seconds: one second may be over at once.
        world.telegram.text(CHAT, 'in 2s')
        await world.chatHears(CHAT, /^Noted/)
        await world.roomHears(/^#1 OVERDUE, unconfirmed: Fifi/)
        await world.chatHears(CHAT, /an alert was sent/)
        world.telegram.press(CHAT, 'OUT')
        await world.roomHears(/^#1 STOOD DOWN/)
        await world.chatHears(CHAT, /people we alerted are being told/)
      }),

    'the SOS button, a location behind it': () =>
      World.tell(async (world) => {
        await joins(world)
        world.telegram.press(CHAT, 'SOS')
        await world.roomHears(/^#1 SOS: Fifi/)
        await world.chatHears(CHAT, /SOS received. Alert sent/)
        world.telegram.says(CHAT, { location: { latitude: 51.5, longitude: -0.125 } })
        await world.roomHears(/From Fifi, \d\d:\d\d: location 51.50000, -0.12500/)
      }),

    'imok fault 7, 8: strangers and groups change nothing, whoever added the bot first': () =>
      World.tell(async (world) => {
        const group = -1001234567890
        world.telegram.inGroup(group, { text: '/start' })
        world.telegram.inGroup(group, { text: 'take 1' })
        world.telegram.text(666, '/start guessed')
        world.telegram.text(666, 'SOS behind the mill')
        await world.roomHears(/^UNVERIFIED, perhaps an SOS/)
        expect(world.telegram.sentTo(666)).to.deep.equal([])
        await joins(world)
        world.telegram.text(CHAT, 'SOS')
        await world.roomHears(/^#1 SOS/)
        world.telegram.inGroup(group, { text: 'take 1' })
        world.telegram.text(CHAT, 'STATUS')
        await world.chatHears(CHAT, /your SOS is on. Nobody has answered yet/)
        for (const { text } of world.telegram.sentTo(group)) expect(text).not.to.match(/SOS|Fifi/)
      }),

    'riban fault 8: what was written while we were down is heard; what was confirmed is not heard twice': () =>
      World.tell(async (world) => {
        await joins(world)
        world.telegram.text(CHAT, 'IN 90')
        await world.chatHears(CHAT, /^Noted/)
        await world.stops()
        world.telegram.text(CHAT, 'SOS')
        await world.starts()
        await world.roomHears(/^#1 SOS: Fifi/)
        await world.chatHears(CHAT, /SOS received. Alert sent/)
        expect(world.telegram.sentTo(CHAT).filter((m) => m.text.startsWith('Noted'))).to.have.length(1)
      }),

    'one member, both channels: when one dies the other takes over, and an OUT on it counts': () =>
      World.tell(async (world) => {
        await world.admin(`invite ${FIFI} Fifi`)
        await world.twilio.sent(FIFI, /Text YES to join/)
        await joins(world)
        world.telegram.text(CHAT, 'IN 3s')
        await world.chatHears(CHAT, /^Noted/)
        world.telegram.block(CHAT)
        await world.roomHears(/Messages by Telegram no longer reach Fifi[^]*Another way is used/)
        await world.twilio.sent(FIFI, /an alert was sent/)
        await world.twilio.text(FIFI, 'OUT')
        await world.roomHears(/^#1 STOOD DOWN/)
        await world.twilio.sent(FIFI, /people we alerted are being told/)
      }),

    'a message to a chat that blocked us goes to the other channel by itself': () =>
      World.tell(async (world) => {
        await world.admin(`invite ${FIFI} Fifi`)
        await world.twilio.sent(FIFI, /Text YES to join/)
        await joins(world)
        world.telegram.fail('sendMessage', { status: 403, description: 'Forbidden: bot was blocked by the user' })
        world.telegram.text(CHAT, 'IN 90')
        await world.twilio.sent(FIFI, /^Noted/)
      }),

    '429 and 5xx: the answer comes, once': () =>
      World.tell(async (world) => {
        await joins(world)
        world.telegram.fail('sendMessage', {
          status: 429,
          description: 'Too Many Requests',
          parameters: { retry_after: 1 },
        })
        world.telegram.fail('sendMessage', { status: 502, description: 'Bad Gateway' })
        world.telegram.text(CHAT, 'STATUS')
        await world.chatHears(CHAT, /you are not checked in and no alarm is on/)
        expect(world.telegram.sentTo(CHAT).filter((m) => m.text.includes('no alarm is on'))).to.have.length(1)
      }),
  })
})
