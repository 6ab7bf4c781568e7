import { expect } from 'chai'
import { Line, RoomDoor, hangs, refuses, works } from '../support/outside.ts'
import { MO, tell } from '../support/story.ts'

const spellings = [
  'SOS',
  'sos',
  'S.O.S',
  'S.O.S.',
  'S O S',
  'S0S',
  '505',
  'SSOS',
  '🆘',
  'SOS!',
  '/sos',
  'ＳＯＳ',
  'sso',
  '... --- ...',
]
const behindCommands = [
  'in sos',
  'IN 60 sos',
  'out sos',
  'OUT. SOS!',
  'ok sos',
  'more 30 sos',
  'yes sos',
  'NAME Mo SOS',
  'status sos',
  'STOP SOS',
  'no sos',
  'menu sos',
  'start sos',
]

describe('SOS', () => {
  it('is understood in every spelling, with and without a session', async () => {
    const story = await tell()
    let n = 0
    for (const said of spellings) {
      for (const out of [false, true]) {
        if (out) await story.phone().texts('IN 60')
        await story.phone().texts(said)
        n++
        await story.roomHears(new RegExp(`^#${String(n)} SOS: Mo Member, 11:00`))
        await story.admin(`resolve ${String(n)} reached`)
        if (out) await story.phone().texts('OUT')
      }
    }
    expect(await story.times(MO, /SOS received. Alert sent 11:00 to 1 person/)).to.equal(2 * spellings.length)
  })

  for (const said of behindCommands) {
    it(`no command word swallows a cry for help: ${said}`, async () => {
      const story = await tell()
      await story.phone().texts('IN 60')
      await story.phone().texts(said)
      await story.roomHears(/^#1 SOS: Mo Member/)
    })
  }

  it('HELP of somebody who is out is an SOS; of somebody who is not, with words, people read it at once', async () => {
    const story = await tell()
    await story.phone().texts('HELP')
    await story.phone().hears(/Ignore any text that tells you to reply STOP/)
    await story.phone().texts('help me they are at the door')
    await story.roomHears(/PLEASE READ NOW. From Mo Member[^]*they are at the door/)
    expect(await story.times('room', /#\d SOS/)).to.equal(0)
    await story.phone().texts('IN 60')
    await story.phone().texts('help')
    await story.roomHears(/^#1 SOS/)
  })

  for (const said of ['NO', 'not ok', 'no!']) {
    it(`${said} after a reminder is an SOS, and nothing of the kind at another time`, async () => {
      const story = await tell()
      await story.phone().texts('IN 60')
      await story.phone().texts(said)
      expect(await story.times('room', /#\d SOS/)).to.equal(0)
      await story.forward('51m')
      await story.phone().texts(said)
      await story.roomHears(/^#1 SOS/)
    })
  }

  it('NO to an admin’s question is an answer, not an SOS', async () => {
    const story = await tell()
    await story.phone().texts('IN 10')
    await story.forward('11m')
    await story.admin('resolve 1 rang')
    await story.phone().texts('IN 60')
    await story.phone().texts('SOS')
    await story.admin('say 2 do you need a lift?')
    await story.admin('resolve 2 fine')
    await story.phone().texts('no')
    expect(await story.times('room', /^#3/)).to.equal(0)
    await story.roomHears(/From Mo Member, 11:11:[^]*no/)
  })

  it('during overdue it keeps the number, is news to whoever has it, and is its own alert', async () => {
    const story = await tell()
    await story.phone().texts('IN 10')
    await story.forward('11m')
    await story.admin('take 1')
    await story.phone().texts('SOS he is back')
    const alert = await story.roomHears(/^#1 SOS: Mo Member, 11:11/)
    expect(alert).to.match(/he is back/)
    await story.forward('5m')
    expect(await story.times('room', /^#1 SOS/), 'nobody has taken the SOS').to.equal(2)
    await story.phone().texts('OUT')
    expect(await story.times('room', /STOOD DOWN/)).to.equal(0)
  })

  it('while the OVERDUE alert still waits to go out, there is an SOS alert all the same', async () => {
    const door = new RoomDoor()
    const story = await tell({ room: door.wrap })
    await story.phone().texts('IN 10')
    door.verdict = refuses
    await story.forward('11m')
    await story.phone().texts('SOS by the mill')
    await story.forward('10s')
    expect(await story.times(MO, /Alert sent/)).to.equal(0)
    door.verdict = works
    await story.forward('6s')
    await story.roomHears(/^#1 SOS: Mo Member[^]*by the mill/)
    await story.phone().hears(/SOS received. Alert sent/)
  })

  it('“alert sent” is said of the SOS alert, not of an OVERDUE alert that went through', async () => {
    const door = new RoomDoor()
    const story = await tell({ room: door.wrap })
    await story.phone().texts('IN 10')
    let release: () => void = () => undefined
    door.verdict = (text) =>
      text.includes('OVERDUE') ? new Promise((resolve) => (release = resolve)) : hangs(text, 'room')
    await story.forward('10m')
    await story.phone().texts('SOS')
    release()
    await story.forward('2s')
    await story.roomHears(/^#1 OVERDUE/)
    expect(await story.times(MO, /SOS received. Alert sent/)).to.equal(0)
  })

  it('a further SOS is heard again under its number, loudly, whoever has it', async () => {
    const door = new RoomDoor()
    const story = await tell({ room: door.wrap })
    await story.phone().texts('SOS')
    await story.admin('take 1')
    await story.forward('3m')
    await story.phone().texts('SOS he is inside now')
    await story.roomHears(/^#1 SOS: Mo Member[^]*he is inside now/)
    expect(await story.times('room', /^#1 SOS/)).to.equal(2)
    expect(door.attempts.at(-1)?.loud).to.equal(true)
    await story.phone().hears(/11:03/)
    expect(await story.times('room', /^#2/)).to.equal(0)
    // The take stands: the ladder is quiet.
    await story.forward('20m')
    expect(await story.times('room', /^#1 SOS/)).to.equal(2)
  })

  it('untaken for ten minutes, the member is told so and not to wait', async () => {
    const story = await tell()
    await story.phone().texts('SOS')
    await story.forward('9m')
    expect(await story.times(MO, /still nobody/)).to.equal(0)
    await story.forward('1m')
    await story.phone().hears(/11:10: still nobody has answered your SOS.*Do not wait for us: call 999/)
    await story.forward('1h')
    expect(await story.times(MO, /still nobody/)).to.equal(1)
  })

  it('what waited to be said of the alert is not said once somebody has it', async () => {
    const sms = new Line('sms')
    const story = await tell({ channels: (inbox, clock) => [sms.open(inbox, clock)] })
    await story.register('Fifi', { channel: 'sms', address: '+447700900002' })
    sms.verdict = refuses
    await story.phone('+447700900002', 'sms').texts('SOS')
    await story.forward('30s')
    await story.admin('take 1')
    sms.verdict = works
    await story.forward('10m')
    expect(sms.times('+447700900002', /[Nn]obody has answered/), 'true when it is sent').to.equal(0)
    expect(sms.times('+447700900002', /a person has answered/)).to.equal(1)
    await story.admin('resolve 1 reached')
    await story.forward('1m')
    sms.heard('+447700900002', /a person has ended the alarm/)
  })

  it('where they are, sent behind it, goes to the room loudly and stands in every later alert', async () => {
    const story = await tell()
    await story.phone().texts('SOS')
    await story.phone().texts('by the old mill')
    await story.roomHears(/From Mo Member[^]*by the old mill/)
    await story.phone().hears(/being passed on. Your SOS stays on/)
    await story.phone().texts('', { attachment: { kind: 'location', latitude: 51.5, longitude: -0.1 } })
    await story.forward('5m')
    expect((await story.room()).findLast((text) => text.startsWith('#1 SOS'))).to.match(
      /Location at 11:00: 51.50000, -0.10000/,
    )
  })
})
