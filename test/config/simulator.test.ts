import { expect } from 'chai'
import { load, matrixEnv, pathsOf, telegramEnv, twilioEnv } from './loading.ts'

describe('the simulator', () => {
  const cases: [string, Record<string, string>, { on: boolean; speed: number }, string[]][] = [
    ['is on while nothing is configured', {}, { on: true, speed: 1 }, []],
    ['is on when asked for beside real channels', { ...twilioEnv, IMOK_SIMULATOR: 'on' }, { on: true, speed: 1 }, []],
    [
      'is refused to be off when there is nothing else',
      { IMOK_SIMULATOR: 'off' },
      { on: true, speed: 1 },
      ['simulator'],
    ],
    [
      'must be asked for beside real channels without a room',
      { ...twilioEnv, ...telegramEnv },
      { on: true, speed: 1 },
      ['simulator'],
    ],
    ['is off beside real channels and a room', { ...twilioEnv, ...matrixEnv }, { on: false, speed: 1 }, []],
    ['must be asked for while nobody can write to a room', matrixEnv, { on: true, speed: 1 }, ['simulator']],
    [
      'does not run fast beside a room of real people',
      { ...matrixEnv, IMOK_SIMULATOR: 'on', IMOK_SIMULATOR_SPEED: '60' },
      { on: true, speed: 1 },
      ['simulator_speed'],
    ],
    [
      'does not come by itself for a real channel that is set up wrong',
      { IMOK_TELEGRAM_TOKEN: 'x' },
      { on: true, speed: 1 },
      ['telegram.token', 'simulator'],
    ],
    ['runs fast', { IMOK_SIMULATOR_SPEED: '3600' }, { on: true, speed: 3600 }, []],
    ['does not run faster than that', { IMOK_SIMULATOR_SPEED: '3601' }, { on: true, speed: 1 }, ['simulator_speed']],
    ['does not stand still', { IMOK_SIMULATOR_SPEED: '0' }, { on: true, speed: 1 }, ['simulator_speed']],
    [
      'does not run fast beside a real channel',
      { ...telegramEnv, IMOK_SIMULATOR: 'on', IMOK_SIMULATOR_SPEED: '60' },
      { on: true, speed: 1 },
      ['simulator_speed'],
    ],
    [
      'does not run fast beside a real channel that is set up wrong',
      { IMOK_TWILIO_FROM: '+447700900000', IMOK_SIMULATOR: 'on', IMOK_SIMULATOR_SPEED: '60' },
      { on: true, speed: 1 },
      ['twilio.account_sid', 'twilio.auth_token', 'simulator_speed'],
    ],
  ]
  for (const [title, env, expected, problems] of cases) {
    it(title, () => {
      const loaded = load(env)
      expect(loaded.config.simulator).to.deep.equal(expected)
      expect(pathsOf(loaded.problems)).to.deep.equal(problems)
    })
  }
})
