import { expect } from 'chai'
import fc from 'fast-check'
import { describeProblems } from '../../src/config/problem.ts'
import { makePolicy } from '../../src/config/protocol.ts'
import { redactedConfig } from '../../src/config/shown.ts'
import { envName, paths, settingAt } from '../../src/config/settings.ts'
import { load, matrixEnv, telegramEnv, twilioEnv } from './loading.ts'

const MARK = 'HUSH'
const odd = [
  'on',
  'off',
  '0',
  '-1',
  '1h',
  '5m',
  '300h',
  'x',
  'webhook',
  'polling',
  'http://x',
  '\u0000',
  '@a:b=+447700900200',
  'a,b',
  'none',
  '🆘',
  '__proto__',
]
const names = [
  ...paths.map(envName),
  ...paths.map((path) => `${envName(path)}_FILE`),
  'IMOK_NONSENSE',
  'IMOK___PROTO__',
]
const value = fc.oneof(fc.constantFrom(...odd), fc.string({ maxLength: 30 }))
const good = fc.subarray(
  Object.entries({ ...twilioEnv, ...telegramEnv, ...matrixEnv, IMOK_SIMULATOR: 'on', IMOK_SIMULATOR_SPEED: '60' }),
)

describe('any settings at all', () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)

  it(`give a configuration that can be used, and say what is wrong with it (SEED=${seed})`, () => {
    const some = fc.tuple(
      good,
      fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 6 }),
      fc.string({ maxLength: 60 }),
    )
    const check = fc.property(some, ([right, wrong, yaml]) => {
      const { config, problems } = load({ ...Object.fromEntries(right), ...wrong }, { 'local.yaml': yaml })
      for (const problem of problems) {
        expect(problem.found).not.to.equal('')
        expect(problem.expected).not.to.equal('')
        expect(problem.instead).not.to.equal('')
        if (problem.disables === 'twilio') expect(config.twilio).to.equal(undefined)
        if (problem.disables === 'telegram') expect(config.telegram).to.equal(undefined)
      }
      const isReal = config.matrix !== undefined && (config.twilio ?? config.telegram) !== undefined
      expect(config.simulator.on || isReal, 'somebody can be heard and told').to.equal(true)
      const real = [...right.map(([name]) => name)].some((name) => /TWILIO|TELEGRAM|MATRIX/.test(name))
      if (real) expect(config.simulator.speed).to.equal(1)
      const policy = makePolicy(config.protocol, {
        speed: config.simulator.speed,
        emergencyNumber: config.group.emergencyNumber,
        retention: config.retention,
      })
      expect(policy.timed.duration).to.be.within(1, policy.timed.longest)
      expect(policy.ladders.overdue.steps[0]).to.deep.include({ after: 0, room: true })
      expect(() => new Intl.DateTimeFormat('en', { timeZone: config.group.timezone })).not.to.throw()
    })
    fc.assert(check, { seed, numRuns: 200 })
  })

  it(`show no secret, whichever is wrong (SEED=${seed})`, () => {
    const secrets = paths.filter((path) => settingAt(path).secret).map(envName)
    const check = fc.property(fc.dictionary(fc.constantFrom(...secrets), fc.string({ maxLength: 20 })), (given) => {
      const env = Object.fromEntries(Object.entries(given).map(([name, text]) => [name, `${MARK}${text}`]))
      const { config, problems } = load({ ...twilioEnv, ...env })
      const shown = [
        describeProblems(problems),
        JSON.stringify(config),
        JSON.stringify(problems),
        JSON.stringify(redactedConfig(config)),
      ]
      for (const text of shown) expect(text).not.to.contain(MARK)
    })
    fc.assert(check, { seed, numRuns: 100 })
  })
})
