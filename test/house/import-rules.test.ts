import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { breaches, importsOf, trouble } from './import-rules.ts'

const allowed = [
  ['core/a.ts', './b.ts'],
  ['core/commands/a.ts', '../time.ts'],
  ['ports/store.ts', '../core/member.ts'],
  ['app/drain.ts', '../ports/channel.ts'],
  ['http/server.ts', 'express'],
  ['http/routes/sms.ts', '../answers.ts'],
  ['stores/lowdb/a.ts', '../../crypto/seal.ts'],
  ['channels/index.ts', './telegram/channel.ts'],
  ['channels/sms/twilio/send.ts', '../segments.ts'],
  ['compose.ts', './channels/telegram/channel.ts'],
  ['compose/stores.ts', '../stores/lowdb/store.ts'],
  ['main.ts', './compose.ts'],
] as const

const forbidden = [
  ['core/a.ts', '../ports/store.ts'],
  ['core/a.ts', 'node:fs'],
  ['core/a.ts', 'zod'],
  ['ports/store.ts', '../app/drain.ts'],
  ['app/drain.ts', '../channels/telegram/send.ts'],
  ['app/drain.ts', 'node:crypto'],
  ['http/server.ts', '../channels/simulator/receive.ts'],
  ['channels/telegram/send.ts', '../matrix/send.ts'],
  ['channels/sms/twilio/send.ts', '../android/send.ts'],
  ['stores/lowdb/a.ts', '../mongodb/a.ts'],
  ['crypto/seal.ts', '../stores/lowdb/disk.ts'],
  ['crypto/seal.ts', '../app/drain.ts'],
  ['channels/telegram/send.ts', '../../compose.ts'],
  ['other.ts', './http/server.ts'],
  ['http/server.ts', '../../test/support/phone.ts'],
] as const

describe('the data flow', () => {
  for (const [file, specifier] of allowed) {
    it(`${file} may import ${specifier}`, () => expect(trouble(file, specifier)).to.equal(undefined))
  }
  for (const [file, specifier] of forbidden) {
    it(`${file} may not import ${specifier}`, () => expect(trouble(file, specifier)).to.be.a('string'))
  }

  it('sees every way of importing', () => {
    const source = `import a from './a.ts'\nimport type { B } from "./b.ts"\nexport * from './c.ts'\nimport './d.ts'
const e = await import('./e.ts')\nimport {\n  F,\n} from './f.ts'\n`
    expect(importsOf(source)).to.deep.equal(['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', './f.ts'])
  })

  it('finds a planted breach', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'imok-breach-'))
    mkdirSync(path.join(folder, 'core/deep'), { recursive: true })
    writeFileSync(path.join(folder, 'core/deep/clock.ts'), "import { now } from '../../stores/clock.ts'\n")
    expect(breaches(folder)).to.deep.equal(['core/deep/clock.ts: core may not import stores: ../../stores/clock.ts'])
    rmSync(folder, { recursive: true })
  })

  it('is kept in src', () => expect(breaches(path.resolve(import.meta.dirname, '../../src'))).to.deep.equal([]))
})
