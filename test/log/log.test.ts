import { expect } from 'chai'
import type { LogFields } from '../../src/ports/log.ts'
import { SendError } from '../../src/ports/channel.ts'
import { StoreError } from '../../src/ports/store.ts'
import { errorFields } from '../../src/log/error-fields.ts'
import { makeLog } from '../../src/log/log.ts'

function listen(level: 'info' | 'warn' | 'error' = 'info') {
  const lines: string[] = []
  const log = makeLog({ level, lines: { write: (line) => lines.push(line) } })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> }
}
/** What a careless caller could pass. */
const anything = (fields: Record<string, unknown>): LogFields => fields as LogFields

/** Each in the way it could slip in; none of the words behind it may be found in what was written. */
const hostile: [string, unknown, string[]][] = [
  ['E.164', '+447700900123', ['7700900123']],
  ['a number as it is spoken', '07700-900-123', ['900']],
  ['a number with dots', '07700.900.123', ['900']],
  ['a number with brackets', '(07700)900123', ['900123']],
  ['a short number', '7009001', ['7009001']],
  ['a number in an id', 'sms:+447700900123:5', ['7700900123']],
  ['a number behind an underline', 'member_447700900123', ['7700900123']],
  ['a number in an address', 'http://127.0.0.1:8080/x?from=%2B447700900123', ['7700900123']],
  ['eastern digits', '٠٧٧٠٠٩٠٠١٢٣', ['٠٧٧٠٠']],
  ['full-width digits', '０７７００９００１２３', ['０７７００', '07700']],
  ['a number as a number', 447700900123, ['447700900123']],
  ['a chat as a number', -1001234567890, ['1001234567890']],
  ['a big integer', 447700900123n, ['447700900123']],
  ['e-mail', 'mo@example.org', ['mo@', 'example.org']],
  ['full-width e-mail', 'mo＠example.org', ['example.org']],
  ['a Matrix id', '@asha:example.org', ['asha']],
  ['an escaped Matrix id', 'https://matrix.to/#/%40asha:example.org', ['asha']],
  ['a handle', '@mo_member', ['mo_member']],
  ['words', 'by the bridge', ['bridge']],
  ['words with other spaces', 'by\u00a0the\u2003bridge', ['bridge']],
  ['words on lines', 'by\nthe\tbridge', ['bridge']],
  ['a name with an accent', 'Zoë', ['Zo']],
  ['a name in another script', 'فاطمة', ['فاطمة']],
  ['something long', 'bridge'.repeat(20), ['bridge']],
  ['a bot token', 'https://api.telegram.org/bot12345:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/sendMessage', ['AAHdq']],
  ['an object', { from: 'mo' }, ['from', 'mo']],
  ['a list', ['bridge'], ['bridge']],
  ['a function', () => 'bridge', ['bridge']],
  ['a symbol', Symbol('bridge'), ['bridge']],
  [
    'an error that quotes',
    new TypeError('cannot read "by the bridge" of +447700900123'),
    ['bridge', '447700900123', 'read'],
  ],
  ['an error with a loose name', Object.assign(new Error('x'), { name: 'Mo is at the bridge' }), ['bridge']],
  ['an error with a loose code', Object.assign(new Error('x'), { code: 'for +447700900123' }), ['447700900123']],
]

describe('the log', () => {
  it('writes one JSON line with level, time, message and fields, and nothing about the machine', () => {
    const { log, last, lines } = listen()
    log.warn('a channel is slow', { channel: 'sms', tries: 3, ok: false, effect: 'm5f2kq:12:1', absent: undefined })
    const { time, ...rest } = last()
    expect(time).to.match(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(rest).to.deep.equal({
      level: 'warn',
      msg: 'a channel is slow',
      channel: 'sms',
      tries: 3,
      ok: false,
      effect: 'm5f2kq:12:1',
    })
    expect(lines).to.have.length(1)
  })

  it('keeps what operators need', () => {
    const { log, last } = listen()
    const fields = {
      id: 'mem_01H8XGJWBWBAQ4',
      code: 'twilio-30008',
      at: '2026-11-21T10:00:00.000Z',
      day: '2026-11-21',
      due: 1_795_000_000_000,
      url: 'http://127.0.0.1:8080/',
      version: '1.4.0',
      document: 'member:k3j9d8',
      update: 812_345_678,
      lateness: 12.345,
    }
    log.info('kept', fields)
    expect(last()).to.deep.include(fields)
  })

  it('takes an error in a field for its class and code', () => {
    const { log, last } = listen()
    log.error('it failed', anything({ because: new StoreError('ENOSPC', 'no space for Mo') }))
    expect(last()).to.include({ error: 'StoreError', code: 'ENOSPC' })
  })

  it('leaves out what is below its level', () => {
    const { log, lines } = listen('error')
    log.info('no')
    log.warn('no')
    log.error('yes')
    expect(lines).to.have.length(1)
  })

  for (const [what, value, hidden] of hostile) {
    it(`hides ${what} in a field`, () => {
      const { log, lines } = listen()
      log.error('it happened', anything({ value, other: 1 }))
      expect(lines).to.have.length(1)
      for (const word of hidden) expect(lines[0]).not.to.contain(word)
      expect(lines[0]).to.contain('"other":1')
    })
  }

  it('hides what slipped into a message or a field’s name', () => {
    const { log, lines } = listen()
    log.info('a text from +44 7700 900123 (mo@example.org, @asha:example.org)\nforged: {"level":"error"}')
    log.info('x', { '+447700900123': 1, 'Mo Member': 2 })
    log.info(`padding ${'x'.repeat(5000)} +447700900123`)
    for (const word of ['7700', '900123', 'mo@', 'asha', 'Mo Member', '\n{'])
      expect(lines.map((line) => line.trimEnd()).join('')).not.to.contain(word)
    expect(lines[2]?.length).to.be.below(300)
  })

  it('cannot be told to forge its own fields', () => {
    const { log, last } = listen()
    log.info('real', { level: 'fatal', time: 'never', msg: 'forged' })
    expect(last()).to.include({ level: 'info', msg: 'real', levelField: 'fatal' })
  })
})

describe('an error in the log', () => {
  it('is its class, its code and where in our code it was thrown', () => {
    const error = new StoreError('ENOSPC', 'no space for Mo')
    error.stack = `StoreError: no space for Mo\n    at write (node:fs:1:1)\n    at save (file:///home/mo/imok/src/stores/lowdb/documents.ts:41:7)\n    at x`
    expect(errorFields(error)).to.deep.equal({
      error: 'StoreError',
      code: 'ENOSPC',
      at: 'stores/lowdb/documents.ts:41',
    })
  })

  it('has the code of what caused it', () => {
    const cause = Object.assign(new Error('connect 10.0.0.1'), { code: 'ECONNREFUSED' })
    expect(errorFields(new TypeError('fetch failed', { cause }))).to.include({
      error: 'TypeError',
      code: 'ECONNREFUSED',
    })
    expect(errorFields(new SendError('dead', 'twilio-21610'))).to.include({ error: 'SendError', code: 'twilio-21610' })
  })

  it('may be anything, also one that causes itself', () => {
    const loop = new Error('round')
    loop.cause = loop
    expect(errorFields(loop)).to.include({ error: 'Error' })
    expect(errorFields('a string with words')).to.deep.equal({ error: 'string' })
    expect(errorFields(undefined)).to.deep.equal({ error: 'undefined' })
  })

  it('does not take its place from its message', () => {
    const error = new Error('at /src/by-the-bridge.ts:1')
    expect(errorFields(error)['at'] ?? '').not.to.contain('bridge')
  })
})
