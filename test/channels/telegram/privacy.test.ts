// Nothing that a person wrote or is, and no token, in a log, a metric, a trouble or an error.
import { execFileSync } from 'node:child_process'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { faults } from '../../support/fake-telegram.ts'
import { Desk, MO, outgoing } from './desk.ts'

describe('Telegram keeps private what is private', () => {
  it('through every way in which it can fail', async () => {
    const desk = await Desk.open()
    const told: unknown[] = []
    const channel = await desk.listening({ limits: { send: 100 }, menus: [{ commands: [] }] })
    const secret = 'whisper-at-the-lock'
    const tries = [undefined, faults.unauthorized, faults.broken, 'hang', 'accept-then-drop', { page: 502 }] as const
    desk.fake.says(MO, { text: secret, from: { id: MO, is_bot: false, first_name: 'Zebedee' } })
    for (const fault of tries) {
      if (fault) desk.fake.fail('sendMessage', fault)
      await channel.send(outgoing({ text: secret })).catch((error: unknown) => told.push(inspect(error, { depth: 9 })))
    }
    for (const fault of [faults.unauthorized, faults.conflict, { page: 200 }]) {
      desk.fake.fail('getUpdates', fault)
      await channel.readBack?.(0).catch((error: unknown) => told.push(inspect(error, { depth: 9 })))
      told.push(channel.trouble?.())
    }
    await desk.fake.down()
    await channel.send(outgoing({ text: secret })).catch((error: unknown) => told.push(inspect(error, { depth: 9 })))
    await channel.readBack?.(0).catch((error: unknown) => told.push(inspect(error, { depth: 9 })))
    told.push(channel.trouble?.(), desk.lines, desk.counted)
    await desk.close()

    expect(desk.inbox.texts()).to.deep.equal([secret])
    expect(desk.lines.length).to.be.greaterThan(5)
    expect(told.length).to.be.greaterThan(9)
    const everything = inspect(told, { depth: 9, maxArrayLength: null, maxStringLength: null })
    for (const hidden of [desk.fake.token, 'never-to-be-logged', secret, 'Zebedee', String(MO)])
      expect(everything, hidden).not.to.include(hidden)
  })

  it('and grammY is not loaded before it is needed', () => {
    const script = `
      import { createRequire } from 'node:module'
      const { telegramChannel } = await import(${JSON.stringify(new URL('../../../src/channels/telegram/channel.ts', import.meta.url).href)})
      telegramChannel({ token: 'x', groupAnswer: '' })
      console.log(Object.keys(createRequire(import.meta.url).cache).filter((f) => f.includes('grammy')).length)`
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: process.cwd() })
    expect(printed.toString().trim()).to.equal('0')
  })
})
