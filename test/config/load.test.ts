import { expect } from 'chai'
import { loadConfig } from '../../src/config/load.ts'
import { describeProblems } from '../../src/config/problem.ts'
import { load, pathsOf, telegramEnv } from './loading.ts'

describe('loading the settings', () => {
  it('needs nothing at all', () => {
    const { config, problems } = load()
    expect(problems).to.deep.equal([])
    expect(config.http).to.deep.equal({ host: '127.0.0.1', port: 8080 })
    expect(config.group).to.include({ name: 'imok', region: 'GB', language: 'en', emergencyNumber: '999' })
    expect(config.simulator).to.deep.equal({ on: true, speed: 1 })
    expect(config.webhookBase).to.equal('http://127.0.0.1:8080')
    expect(config.unused).to.deep.equal([])
  })

  it('takes the environment over local.yaml, and local.yaml over the defaults', () => {
    const files = { 'local.yaml': 'group_name: From file\nhttp:\n  host: 0.0.0.0\n  port: 9001\n' }
    const { config, problems } = load({ IMOK_HTTP_PORT: '9002' }, files)
    expect(problems).to.deep.equal([])
    expect(config.http).to.deep.equal({ host: '0.0.0.0', port: 9002 })
    expect(config.group.name).to.equal('From file')
  })

  it('takes an empty variable for an unset one', () => {
    const { config, problems } = load(
      { IMOK_HTTP_PORT: '', IMOK_TELEGRAM_TOKEN: '  ' },
      { 'local.yaml': 'http: {port: 9001}' },
    )
    expect(problems).to.deep.equal([])
    expect([config.http.port, config.telegram]).to.deep.equal([9001, undefined])
  })

  it('keeps what yaml would turn into something else', () => {
    const files = {
      'local.yaml':
        'emergency_number: 000\nsimulator: on\nduty:\n  - "@ben:example.org=+447700900200"\ntimezone: null\n',
    }
    const { config, problems } = load({}, files)
    expect(pathsOf(problems), 'null is no zone').to.deep.equal(['timezone'])
    expect(config.group.emergencyNumber).to.equal('000')
    expect(config.simulator.on).to.equal(true)
    expect(config.duty).to.deep.equal([
      { id: '@ben:example.org', address: { channel: 'simulator', address: '+447700900200' } },
    ])
  })

  it('reports every problem at once, each with path, name, found, expected and example', () => {
    const env = {
      IMOK_HTTP_PORT: '99999',
      IMOK_TIMEZONE: 'Mars/Olympus',
      IMOK_CHECKIN_DURATION: '5m banana',
      IMOK_SIMULATOR: 'maybe',
      IMOK_REGION: 'ZZ',
    }
    const { config, problems } = load(env, { 'local.yaml': 'log_level: loud\nrounds:\n  misses: 0\n' })
    expect(pathsOf(problems)).to.have.members([
      'http.port',
      'timezone',
      'checkin.duration',
      'simulator',
      'region',
      'log_level',
      'rounds.misses',
    ])
    for (const problem of problems)
      expect(problem).to.include.all.keys('path', 'env', 'where', 'found', 'expected', 'example', 'instead')
    expect(problems.find((one) => one.path === 'http.port')).to.include({
      env: 'IMOK_HTTP_PORT',
      found: '"99999"',
      where: 'the environment',
      example: 'IMOK_HTTP_PORT=8080',
      instead: '8080 is used',
    })
    expect(problems.find((one) => one.path === 'rounds.misses')?.where).to.equal('local.yaml, line 3')
    const text = describeProblems(problems)
    for (const word of [
      '7 settings are wrong',
      'Mars/Olympus',
      'IMOK_CHECKIN_DURATION',
      '90s, 5m, 1h30m',
      'local.yaml, line 1',
    ])
      expect(text).to.contain(word)
    expect(config.http.port).to.equal(8080)
  })

  it('falls back to the next layer when a general setting is wrong', () => {
    const { config } = load({ IMOK_TIMEZONE: 'Mars/Olympus' }, { 'local.yaml': 'timezone: Asia/Tehran' })
    expect(config.group.timezone).to.equal('Asia/Tehran')
  })

  it('answers an unknown name with the one that was probably meant', () => {
    const env = { IMOK_TELEGRAM_TOKN: 'x', IMOK_HTTP_PROT: '1', imok_http_port: '1', IMOK_BANANA_SPLIT: '1' }
    const { problems } = load(env, { 'local.yaml': 'htttp: {port: 1}\ntwilio:\n  form: "+447700900000"\n' })
    const answers = Object.fromEntries(problems.map((one) => [one.path, one.expected]))
    expect(answers).to.deep.equal({
      IMOK_TELEGRAM_TOKN: 'did you mean IMOK_TELEGRAM_TOKEN?',
      IMOK_HTTP_PROT: 'did you mean IMOK_HTTP_PORT?',
      imok_http_port: 'did you mean IMOK_HTTP_PORT?',
      IMOK_BANANA_SPLIT: 'a name from config/default.yaml',
      htttp: 'did you mean http?',
      'twilio.form': 'did you mean twilio.from?',
    })
  })

  it('reports broken yaml by its line, never by what stands there', () => {
    const { config, problems } = load({}, { 'local.yaml': 'http:\n  port: 9001\ntelegram:\n  token: "hush-hush\n' })
    expect(problems.map((one) => one.where)).to.include('local.yaml, line 5')
    expect(JSON.stringify(problems)).not.to.contain('hush')
    expect(config.http.port).to.equal(8080)
  })

  it('refuses aliases, which could make a small file enormous, and the same key twice', () => {
    for (const text of [
      'http: {host: &a localhost}\ngroup_name: *a\n',
      'group_name: a\ngroup_name: b\n',
      '- a list\n',
      '\tgroup_name: a\n',
    ]) {
      expect(load({}, { 'local.yaml': text }).problems, text).to.have.length.greaterThan(0)
    }
  })

  it('refuses the data folder in local.yaml, a value for a group, and a group for a value', () => {
    const { problems } = load(
      {},
      { 'local.yaml': 'data_dir: /other\ntwilio: yes\ngroup_name: {a: b}\nlanguage: [en]\n' },
    )
    expect(pathsOf(problems)).to.deep.equal(['data_dir', 'twilio', 'group_name', 'language'])
  })

  it('refuses arguments, so that a mistyped start is not taken for a right one', () => {
    const { problems } = loadConfig({ env: {}, argv: ['--port=9000'] })
    expect(problems.map((one) => [one.path, one.found])).to.deep.equal([['--port', 'an argument']])
  })

  it('reports a local.yaml that is there and cannot be read, and not one that is absent', () => {
    const readFile = (): string => {
      throw Object.assign(new Error('no'), { code: 'EACCES' })
    }
    const { config, problems } = loadConfig({ env: { IMOK_DATA_DIR: '/nowhere' }, readFile })
    expect(problems.map((one) => one.path)).to.include('/nowhere/local.yaml')
    expect(config.http.port, 'works without any file').to.equal(8080)
    expect(config.protocol.ladders.overdue.steps).to.have.length(4)
  })

  it('reads lengths of time with a unit only', () => {
    const read = (text: string): number | undefined =>
      load({ IMOK_RETENTION_INCIDENTS: text }).config.retention.incidents
    expect(['45m', '1h30m', '7d', '90s'].map(read)).to.deep.equal([2_700_000, 5_400_000, 604_800_000, 90_000])
    for (const text of ['90', '5m banana', '-5m', '1.5h', '30s', '9999d', 'PT5M']) {
      expect(pathsOf(load({ IMOK_RETENTION_INCIDENTS: text }).problems), text).to.deep.equal(['retention.incidents'])
    }
  })

  it('wants texts in the group’s language', () => {
    const { config, problems } = load({ IMOK_LANGUAGE: 'xx' })
    expect(pathsOf(problems)).to.deep.equal(['language'])
    expect(config.group.language).to.equal('en')
    expect(load({ IMOK_LANGUAGE: 'en-GB' }).problems).to.deep.equal([])
  })

  it('knows the number to ring where 112 is not what people are taught', () => {
    const number = (region: string): string => load({ IMOK_REGION: region }).config.group.emergencyNumber
    expect(['GB', 'FR', 'US', 'au', 'NZ'].map(number)).to.deep.equal(['999', '112', '911', '000', '111'])
    expect(load({ IMOK_REGION: 'FR', IMOK_EMERGENCY_NUMBER: '15' }).config.group.emergencyNumber).to.equal('15')
  })

  it('lets providers call at the public address, else at the webhook port, else at the only port', () => {
    const base = (env: Record<string, string>): string =>
      load({ ...telegramEnv, IMOK_SIMULATOR: 'on', ...env }).config.webhookBase
    expect(base({ IMOK_PUBLIC_URL: 'https://imok.example.org/x/' })).to.equal('https://imok.example.org/x')
    expect(base({ IMOK_WEBHOOK_PORT: '8081' })).to.equal('http://127.0.0.1:8081')
    expect(base({ IMOK_HTTP_HOST: '::1' })).to.equal('http://[::1]:8080')
    expect(pathsOf(load({ IMOK_WEBHOOK_PORT: '8080' }).problems)).to.deep.equal(['webhook_port'])
  })
})
