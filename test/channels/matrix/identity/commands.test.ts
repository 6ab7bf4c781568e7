import { expect } from 'chai'
import { MatrixFailure } from '../../../../src/channels/matrix/failure.ts'
import { confirm, recoverWith, status } from '../../../../src/channels/matrix/identity/commands.ts'
import { ensureIdentity } from '../../../../src/channels/matrix/identity/ensure-identity.ts'
import { pendingRecoveryKey } from '../../../../src/channels/matrix/identity/hand-over.ts'
import { encodeRecoveryKey } from '../../../../src/channels/matrix/identity/recovery-key.ts'
import { wordsForError, wordsForResult } from '../../../../src/channels/matrix/identity/words.ts'
import { Bot, BOT, withIndexedDb } from './bot.ts'

describe('npm run matrix', () => {
  withIndexedDb()

  const shown = async (bot: Bot): Promise<string> => (await status(bot)).lines.join('\n')
  const key = (bot: Bot): string => pendingRecoveryKey(bot.store)!.recoveryKey
  const asked = (bot: Bot): string =>
    pendingRecoveryKey(bot.store)!
      .asked.map((n) => key(bot).split(' ')[n - 1])
      .join(' ')

  it('status: nothing is there yet, and looking changes nothing', async () => {
    const bot = await Bot.start()
    const { lines, exitCode } = await status(bot)
    expect(exitCode).to.equal(1)
    expect(lines.join('\n')).to.include('none yet').and.include('Start imok')
    expect(bot.server.heard.every(({ method, path }) => method === 'GET' || path === 'keys/query')).to.be.true
    expect(bot.memory.size).to.equal(0)
  })

  it('status: all is well once the key is confirmed, and the key is never in it', async () => {
    const bot = await Bot.start()
    await ensureIdentity(bot)
    const before = key(bot)
    expect(await shown(bot))
      .to.include('waits to be written down')
      .and.include('npm run matrix -- confirm-recovery-key')
    expect(await shown(bot)).to.not.include(before.slice(0, 9))
    confirm(bot.store, BOT, asked(bot))
    const { lines, exitCode } = await status(bot)
    expect(exitCode).to.equal(0)
    expect(lines.join('\n'))
      .to.match(/ours \(master key \S{43}\), and this device is signed/)
      .and.include('secret storage  complete')
      .and.include('on, version 1, 0 of 0 room keys saved')
      .and.include('recovery key    confirmed')
  })

  it('status: says whose the identity is not, and what to run', async () => {
    const { server } = await (async () => {
      const bot = await Bot.start()
      await ensureIdentity(bot)
      return bot
    })()
    const { lines, exitCode } = await status(await Bot.start(server, 'NEWDEVICE'))
    expect(exitCode).to.equal(1)
    expect(lines.join('\n')).to.include('not ours').and.include('npm run matrix -- recover')
    expect(await shown(await Bot.start(server, 'BOTDEVICE'))).to.include('IMOK_MATRIX_PASSWORD')
  })

  it('status: says that the homeserver does not answer', async () => {
    const bot = await Bot.start()
    bot.server.judge(() => 'unreachable')
    expect(await shown(bot))
      .to.include('ECONNREFUSED')
      .and.include('IMOK_MATRIX_HOMESERVER')
  })

  it('confirm-recovery-key: shows the key, refuses wrong words, takes the right ones, then has nothing to show', async () => {
    const bot = await Bot.start()
    await ensureIdentity(bot)
    const written = key(bot)
    const first = confirm(bot.store, BOT)
    expect(first.lines.join(' ').replace(/\s+\d+ to \d+\s+/g, ' ')).to.include(written)
    expect(confirm(bot.store, BOT, 'EsTx abcd').exitCode).to.equal(1)
    expect(confirm(bot.store, BOT).lines).to.deep.equal(first.lines)
    const [one, other] = pendingRecoveryKey(bot.store)!.asked
    expect(first.lines.at(-1)).to.include(`<group ${one}> <group ${other}>`)
    const groups = written.split(' ')
    expect(confirm(bot.store, BOT, `${groups[one - 1]!} ${groups[other - 1]!}`).exitCode).to.equal(0)
    expect(confirm(bot.store, BOT).lines.join(' ')).to.include('No recovery key')
  })

  it('recover: says what was restored, and what to do next', async () => {
    const bot = await Bot.start()
    await ensureIdentity(bot)
    const recovered = await Bot.start(bot.server, 'NEWDEVICE')
    const { lines, exitCode } = await recoverWith(recovered, key(bot))
    expect(exitCode).to.equal(0)
    expect(lines.join('\n')).to.include('itself again').and.include('0 of 0').and.include('start imok')
  })

  it('recover: says what was wrong with the key, and repeats none of it', async () => {
    const bot = await Bot.start()
    await ensureIdentity(bot)
    const other = encodeRecoveryKey(Buffer.alloc(32, 7))
    for (const [typed, said] of [
      [other, 'is not the one'],
      [other.slice(0, -1), '47'],
      [`${other.slice(0, -1)}0`, 'never 0 (zero)'],
    ] as const) {
      const { lines, exitCode } = await recoverWith(await Bot.start(bot.server, 'NEWDEVICE'), typed)
      expect(exitCode).to.equal(1)
      expect(lines.join('\n')).to.include(said).and.not.include(other.slice(0, 9))
    }
  })
})

describe('the words for the operator', () => {
  for (const [result, said] of [
    [{ type: 'made', recoveryKey: 'EsTs SECRET', unfinished: [] }, 'confirm-recovery-key'],
    [{ type: 'foreign-identity', held: true }, 'somebody reset it'],
    [{ type: 'foreign-identity', held: false }, 'not on this machine'],
    [{ type: 'foreign-device' }, 'IMOK_MATRIX_PASSWORD'],
    [{ type: 'needs-password', why: 'none' }, 'Set IMOK_MATRIX_PASSWORD'],
    [{ type: 'needs-password', why: 'wrong' }, 'refused the password'],
    [{ type: 'needs-password', why: 'elsewhere', url: 'https://mas.example/reset' }, 'https://mas.example/reset'],
  ] as [Parameters<typeof wordsForResult>[0], string][]) {
    it(`say what ${JSON.stringify(result)} wants`, () => {
      const words = wordsForResult(result, BOT).join('\n')
      expect(words).to.include(said)
      expect(words).to.not.include('SECRET')
    })
  }

  it('are none when all is well', () =>
    expect(wordsForResult({ type: 'ready', unfinished: [] }, BOT)).to.deep.equal([]))

  for (const [error, said] of [
    [new MatrixFailure('answered', 429, 'M_LIMIT_EXCEEDED', { wait: 4_200 }), '5 s'],
    [new MatrixFailure('answered', 401, 'M_UNKNOWN_TOKEN'), 'IMOK_MATRIX_ACCESS_TOKEN'],
    [new MatrixFailure('answered', 502, 'not-json'), '502 not-json'],
    [new MatrixFailure('unknown', 0, 'timeout'), 'timeout'],
    [new TypeError('quotes what people wrote'), 'TypeError'],
  ] as const) {
    it(`tell of ${error.name} ${error.message}`, () => {
      expect(wordsForError(error)).to.include(said).and.not.include('people wrote')
    })
  }
})
