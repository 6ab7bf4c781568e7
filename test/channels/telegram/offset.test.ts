// What Telegram was told that we have is in the inbox: through crashes, a full disk, a cut line and a second poller.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'
import { faults } from '../../support/fake-telegram.ts'
import { Desk, MO } from './desk.ts'

describe('Telegram updates reach the inbox before they are confirmed', () => {
  let desk: Desk
  beforeEach(async () => (desk = await Desk.open()))
  afterEach(async () => {
    await desk.close()
    expect(desk.fake.problems).to.deep.equal([])
  })

  it('reads what waited while nobody listened, in order, and confirms it', async () => {
    for (const text of ['IN 60', 'at the lock', 'OUT']) desk.fake.text(MO, text)
    await desk.listening()
    await desk.fake.updates.confirmed()
    expect(desk.inbox.texts()).to.deep.equal(['IN 60', 'at the lock', 'OUT'])
  })

  it('reads more than one batch', async () => {
    const texts = Array.from({ length: 250 }, (_, i) => `text ${i}`)
    for (const text of texts) desk.fake.text(MO, text)
    await desk.channel().readBack?.(0)
    expect(desk.inbox.texts()).to.deep.equal(texts)
  })

  it('gets an update again that was stored just before kill -9, and it is a duplicate', async () => {
    const id = desk.fake.text(MO, 'SOS')
    const killed = spawn(process.execPath, [new URL('killed-kernel.ts', import.meta.url).pathname], {
      env: { ...process.env, URL: desk.fake.url, TOKEN: desk.fake.token },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let stored = ''
    killed.stdout.on('data', (chunk: Buffer) => (stored += chunk.toString()))
    const [, signal] = (await once(killed, 'close')) as [number | null, string | null]
    expect(signal).to.equal('SIGKILL')
    expect(desk.fake.updates.unconfirmed()).to.deep.equal([id])
    desk.inbox.items.push(JSON.parse(stored) as never)

    await desk.listening()
    await desk.fake.updates.confirmed()
    expect(desk.inbox.texts()).to.deep.equal(['SOS'])
    expect(desk.inbox.duplicates).to.equal(1)
  })

  it('does not move the offset while the inbox cannot store, says so, and loses nothing', async () => {
    const channel = await desk.listening()
    desk.inbox.failNext(4)
    const ids = ['IN 60', 'SOS'].map((text) => desk.fake.text(MO, text))
    await desk.logged(/inbox-ENOSPC/)
    expect(channel.trouble?.()).to.equal('inbox-ENOSPC')
    expect(desk.fake.updates.unconfirmed()).to.deep.equal(ids)
    await desk.inbox.until(2)
    await desk.fake.updates.confirmed()
    await desk.fake.updates.polled()
    expect(desk.inbox.texts()).to.deep.equal(['IN 60', 'SOS'])
    expect(desk.inbox.duplicates).to.equal(0)
    expect(channel.trouble?.()).to.equal(undefined)
  })

  it('confirms what was stored before the one that failed, and only that', async () => {
    desk.clock.hold()
    desk.inbox.failNext(0)
    const [first, second] = ['one', 'two'].map((text) => desk.fake.text(MO, text))
    const put = desk.inbox.put
    desk.inbox.put = (item) => (item.id === `telegram:${second}` ? Promise.reject(new Error('odd')) : put(item))
    await desk.channel().start?.()
    await desk.logged(/"inbox"/)
    desk.inbox.put = put
    const asked = desk.fake.called('getUpdates', 2)
    desk.clock.pass(60_000)
    expect((await asked)[1]?.payload['offset']).to.equal(second)
    await desk.inbox.until(2)
    expect(desk.inbox.items.map((i) => i.id)).to.deep.equal([`telegram:${first}`, `telegram:${second}`])
  })

  it('hears the first message after a quiet week, when Telegram counts from a lower number', async () => {
    const channel = await desk.listening()
    desk.fake.text(MO, 'IN 60')
    await desk.inbox.until(1)
    await channel.readBack?.(0)
    desk.fake.updates.countFrom(117_314_199)
    desk.fake.text(MO, 'OUT')
    await desk.inbox.until(2)
    await desk.fake.updates.confirmed()
    expect(desk.inbox.texts()).to.deep.equal(['IN 60', 'OUT'])
  })

  it('passes an update that it cannot read and keeps hearing', async () => {
    desk.fake.updates.smuggle({ message: { text: 'no chat' } })
    desk.fake.text(MO, 'SOS')
    await desk.listening()
    await desk.fake.updates.confirmed()
    expect(desk.inbox.texts()).to.deep.equal(['SOS'])
    expect(desk.lines.filter((l) => l.level === 'warn')).to.have.length(1)
  })
})

describe('Telegram is read on through every error', () => {
  let desk: Desk
  beforeEach(async () => (desk = await Desk.open()))
  afterEach(async () => {
    await desk.close()
    expect(desk.fake.problems).to.deep.equal([])
  })

  const cases = [
    { name: '401', fault: faults.unauthorized, trouble: /^telegram-401: .*IMOK_TELEGRAM_TOKEN/, level: 'error' },
    { name: '409', fault: faults.conflict, trouble: /^telegram-409: .*stop the other imok/, level: 'error' },
    { name: '500', fault: faults.broken, trouble: /^telegram-500$/, level: 'warn' },
    { name: '429', fault: faults.tooMany(7), trouble: /^telegram-429$/, level: 'warn', pause: 7_000 },
    { name: "a gateway's page", fault: { page: 502 }, trouble: /^telegram-502$/, level: 'warn' },
    { name: 'a hanging connection', fault: 'hang', trouble: /^timeout$/, level: 'warn' },
  ] as const
  for (const { name, fault, trouble, level, ...more } of cases)
    it(`${name}: shown as trouble, tried again with a pause, and healed`, async () => {
      desk.clock.hold()
      desk.fake.fail('getUpdates', fault)
      const channel = desk.channel({ limits: { read: 150 } })
      await channel.start?.()
      const line = await desk.logged(/"trouble"/)
      expect(line.level).to.equal(level)
      expect(channel.trouble?.()).to.match(trouble)
      expect(desk.clock.pauses).to.deep.equal(['pause' in more ? more.pause : 1_000])
      desk.fake.text(MO, 'OUT')
      desk.clock.pass(60_000)
      await desk.inbox.until(1)
      await desk.fake.updates.polled()
      expect(channel.trouble?.()).to.equal(undefined)
    })

  it('waits longer each time, at most 10 s, and says the same trouble once', async () => {
    desk.fake.fail('getUpdates', faults.broken, { times: 7 })
    await desk.listening()
    expect(desk.clock.pauses).to.deep.equal([1, 2, 4, 8, 10, 10, 10].map((s) => s * 1_000))
    expect(desk.lines.filter((l) => l.level === 'warn')).to.have.length(1)
  })

  it('turns a forgotten webhook off and keeps what waited', async () => {
    desk.fake.text(MO, 'OUT')
    desk.fake.fail('getUpdates', faults.webhookSet)
    await desk.listening()
    const [call] = await desk.fake.called('deleteWebhook')
    expect(call?.payload).to.deep.equal({ drop_pending_updates: false })
    expect(desk.inbox.texts()).to.deep.equal(['OUT'])
  })

  it('survives Telegram being away, at the start and later', async () => {
    await desk.fake.down()
    const channel = desk.channel()
    await channel.start?.()
    await desk.logged(/ECONNREFUSED/)
    await desk.fake.up()
    await desk.fake.updates.polled()
    await desk.fake.down()
    await desk.logged(/UND_ERR_SOCKET|ECONNRESET/)
    await desk.fake.up()
    desk.fake.text(MO, 'OUT')
    await desk.inbox.until(1)
    expect(channel.trouble?.() ?? 'well').to.equal('well')
  })

  it('tells each of two pollers; neither loses an update', async () => {
    await desk.listening()
    desk.clock.hold()
    const second = desk.channel()
    await second.start?.()
    await desk.logged(/telegram-409/)
    desk.fake.text(MO, 'SOS')
    await desk.inbox.until(1)
    desk.clock.pass(60_000)
    expect(desk.inbox.texts()).to.deep.equal(['SOS'])
  })

  it('reads back at once in the middle of a long poll', async () => {
    const channel = await desk.listening()
    const before = desk.fake.calls.length
    await channel.readBack?.(0)
    expect(desk.fake.calls.slice(before).find((c) => c.method === 'getUpdates')?.payload['timeout']).to.equal(0)
    expect(channel.trouble?.()).to.equal(undefined)
  })

  it('fails to read back at once when Telegram is away, even during a pause', async () => {
    await desk.fake.down()
    desk.clock.hold()
    const channel = desk.channel()
    await channel.start?.()
    await desk.logged(/ECONNREFUSED/)
    const error = await channel.readBack?.(0).then(
      () => undefined,
      (e: unknown) => e as Error,
    )
    expect(error).to.include({ message: 'Telegram could not be read: ECONNREFUSED', code: 'ECONNREFUSED' })
  })

  it('does not leave anybody waiting once it is stopped', async () => {
    const channel = await desk.listening()
    await channel.stop?.()
    const error = await channel.readBack?.(0).catch((e: unknown) => e)
    expect(error).to.include({ code: 'stopped' })
  })
})
