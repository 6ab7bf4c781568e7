import { expect } from 'chai'
import { MongoClient } from 'mongodb'
import path from 'node:path'
import { inspect } from 'node:util'
import { describeProblems } from '../../src/config/problem.ts'
import { redactedConfig } from '../../src/config/shown.ts'
import { dataDir, load, matrixEnv, pathsOf, telegramEnv, twilioEnv } from './loading.ts'

const page = { IMOK_SIMULATOR: 'on' }

describe('a part of the settings', () => {
  it('is absent while nobody set anything of it, also when its defaults are repeated', () => {
    const { config, problems } = load({ IMOK_TELEGRAM_MODE: 'polling', IMOK_TWILIO_API_URL: 'https://api.twilio.com' })
    expect(problems).to.deep.equal([])
    expect([config.twilio, config.telegram, config.androidSms, config.matrix, config.email]).to.deep.equal(
      Array(5).fill(undefined),
    )
  })

  it('is off with a part of its settings, and says which are missing, and the rest runs', () => {
    const { config, problems } = load({
      ...page,
      ...telegramEnv,
      IMOK_TWILIO_ACCOUNT_SID: twilioEnv.IMOK_TWILIO_ACCOUNT_SID,
    })
    expect(pathsOf(problems)).to.deep.equal(['twilio.auth_token', 'twilio.from'])
    for (const problem of problems)
      expect(problem).to.include({ disables: 'twilio', found: 'nothing', instead: 'twilio is off' })
    expect(config.twilio).to.equal(undefined)
    expect(config.telegram?.token.reveal()).to.equal(telegramEnv.IMOK_TELEGRAM_TOKEN)
  })

  it('is off with one wrong setting, also when a weaker layer has a right one', () => {
    const { config, problems } = load(
      { ...page, ...twilioEnv, IMOK_TWILIO_FROM: 'us' },
      { 'local.yaml': 'twilio: {from: "+447700900001"}' },
    )
    expect(pathsOf(problems)).to.deep.equal(['twilio.from'])
    expect(config.twilio).to.equal(undefined)
  })

  it('does not fall back to an older address of a part: the heartbeat is off rather than somewhere else', () => {
    const { config, problems } = load(
      { IMOK_HEARTBEAT_URL: 'hc-ping.com/x' },
      { 'local.yaml': 'heartbeat_url: https://old.example.org' },
    )
    expect(problems.map((one) => one.disables)).to.deep.equal(['heartbeat'])
    expect(config.heartbeatUrl).to.equal(undefined)
  })

  it('Twilio: asks without a public address, is called with one, and does as it is told', () => {
    const mode = (env: Record<string, string>): unknown => load({ ...page, ...twilioEnv, ...env }).config.twilio?.mode
    expect(mode({})).to.equal('polling')
    expect(mode({ IMOK_PUBLIC_URL: 'https://imok.example.org' })).to.equal('webhook')
    expect(mode({ IMOK_TWILIO_MODE: 'webhook' })).to.equal('webhook')
    expect(mode({ IMOK_TWILIO_MODE: 'carrier-pigeon' })).to.equal('polling')
    expect(pathsOf(load({ ...page, ...twilioEnv, IMOK_TWILIO_MODE: 'carrier-pigeon' }).problems)).to.deep.equal([
      'twilio.mode',
    ])
  })

  it('Twilio: has the current token first and the one before during a rotation, and its number in E.164', () => {
    const { twilio } = load({
      ...page,
      ...twilioEnv,
      IMOK_TWILIO_FROM: '07700 900000',
      IMOK_TWILIO_AUTH_TOKEN_PREVIOUS: 'older',
    }).config
    expect(twilio?.authTokens.map((token) => token.reveal())).to.deep.equal([twilioEnv.IMOK_TWILIO_AUTH_TOKEN, 'older'])
    expect(twilio).to.include({ from: '+447700900000', apiUrl: 'https://api.twilio.com' })
    expect(load({ ...page, ...twilioEnv, IMOK_TWILIO_FROM: '60070' }).config.twilio?.from).to.equal('60070')
    expect(load({ ...page, ...twilioEnv, IMOK_TWILIO_FROM: '12' }).config.twilio).to.equal(undefined)
  })

  it('Telegram: polls, and for webhooks wants a secret and a public address', () => {
    const webhook = { ...page, ...telegramEnv, IMOK_TELEGRAM_MODE: 'webhook' }
    expect(load({ ...page, ...telegramEnv }).config.telegram?.mode).to.equal('polling')
    expect(pathsOf(load(webhook).problems)).to.deep.equal(['telegram.webhook_secret', 'telegram.mode'])
    expect(load(webhook).config.telegram).to.equal(undefined)
    const { config, problems } = load({
      ...webhook,
      IMOK_TELEGRAM_WEBHOOK_SECRET: 'a-long-secret',
      IMOK_PUBLIC_URL: 'https://imok.example.org',
    })
    expect(problems).to.deep.equal([])
    expect(config.telegram?.mode).to.equal('webhook')
  })

  it('Android: polls without a secret, and for webhooks wants one', () => {
    const android = {
      ...page,
      IMOK_ANDROID_SMS_URL: 'http://192.168.1.20:8080',
      IMOK_ANDROID_SMS_USER: 'sms',
      IMOK_ANDROID_SMS_PASSWORD: 'pw',
    }
    expect(load(android).config.androidSms?.mode).to.equal('polling')
    expect(load({ ...android, IMOK_ANDROID_SMS_WEBHOOK_SECRET: 'a-long-secret' }).config.androidSms?.mode).to.equal(
      'webhook',
    )
    expect(pathsOf(load({ ...android, IMOK_ANDROID_SMS_MODE: 'webhook' }).problems)).to.deep.equal([
      'android_sms.webhook_secret',
    ])
  })

  it('Matrix: wants a server, a user, a password or token, and admins', () => {
    expect(load({ ...page, ...matrixEnv }).config.matrix).to.deep.include({
      homeserver: 'https://matrix.example.org',
      admins: [
        { id: '@asha:example.org', role: 'owner' },
        { id: '@ben:example.org', role: 'admin' },
      ],
    })
    const { problems } = load({ ...page, IMOK_MATRIX_ROOM: '!room' })
    expect(pathsOf(problems)).to.deep.equal(['matrix.homeserver', 'matrix.user', 'matrix.admins', 'matrix.password'])
  })

  it('Matrix: no access token beside a database that several kernels may share: they would be one device', () => {
    const shared = {
      ...page,
      ...matrixEnv,
      IMOK_MONGODB_URL: 'mongodb://127.0.0.1/imok',
      IMOK_MATRIX_ACCESS_TOKEN: 'syt_x',
    }
    const both = load(shared)
    expect(both.problems).to.deep.equal([])
    expect(both.config.matrix).to.include.keys('password').and.not.include.keys('accessToken')
    const { IMOK_MATRIX_PASSWORD: _none, ...alone } = shared
    const { config, problems } = load(alone)
    expect(problems[0]?.instead).to.equal('it is used: start no second kernel')
    expect(config.matrix).to.include.keys('accessToken')
  })

  it('Matrix: one bad admin is left out, and the others still have a room', () => {
    const { config, problems } = load({
      ...page,
      ...matrixEnv,
      IMOK_MATRIX_ADMINS: '@asha:example.org,@ben:example.org=boss',
    })
    expect(config.matrix?.admins).to.have.length(1)
    expect(problems).to.have.length(1)
    expect(problems[0]).not.to.have.property('disables')
    expect(load({ ...page, ...matrixEnv, IMOK_MATRIX_ADMINS: 'asha' }).config.matrix).to.equal(undefined)
  })

  it('e-mail: wants a server and somebody to write to', () => {
    expect(pathsOf(load({ IMOK_NOTIFY_EMAIL: 'a@example.org' }).problems)).to.deep.equal(['smtp_url'])
    const { email } = load({
      IMOK_NOTIFY_EMAIL: 'a@example.org, b@example.org',
      IMOK_SMTP_URL: 'smtp://127.0.0.1:2525',
    }).config
    expect(email?.to).to.deep.equal(['a@example.org', 'b@example.org'])
  })

  it('tells what this version does nothing with', () => {
    expect(load({ ...page, ...matrixEnv, IMOK_ROUNDS_EVERY: '10m' }).config.unused).to.deep.equal(['IMOK_ROUNDS_EVERY'])
    expect(load({ ...page, ...telegramEnv }).config.unused).to.deep.equal([])
  })
})

describe('secrets', () => {
  it('come from a file, trimmed', () => {
    const env = { ...page, IMOK_TELEGRAM_TOKEN_FILE: '/secrets/telegram' }
    const { config, problems } = load(env, { '/secrets/telegram': '  123456:abc-from-file\r\n' })
    expect(problems).to.deep.equal([])
    expect(config.telegram?.token.reveal()).to.equal('123456:abc-from-file')
  })

  it('come from a file named in local.yaml, found from the data folder', () => {
    const files = {
      'local.yaml': 'simulator: on\ntelegram:\n  token_file: secrets/telegram\n',
      'secrets/telegram': '123456:abc-from-file',
    }
    expect(load({}, files).config.telegram?.token.reveal()).to.equal('123456:abc-from-file')
  })

  it('are a problem when given twice, when the file cannot be read, or is empty', () => {
    const env = { ...page, IMOK_TELEGRAM_TOKEN_FILE: '/secrets/telegram' }
    for (const [more, files, found] of [
      [telegramEnv, { '/secrets/telegram': '123456:abc' }, 'both a value and a file'],
      [{}, {}, 'cannot be read (ENOENT)'],
      [{}, { '/secrets/telegram': ' \n' }, 'is empty'],
    ] as const) {
      const { config, problems } = load({ ...env, ...more }, files)
      expect(pathsOf(problems)).to.deep.equal(['telegram.token'])
      expect(problems[0]?.found).to.contain(found)
      expect(config.telegram).to.equal(undefined)
    }
  })

  it('in the environment stand over a file named in local.yaml', () => {
    const { config, problems } = load({ ...page, ...telegramEnv }, { 'local.yaml': 'telegram: {token_file: nowhere}' })
    expect(problems).to.deep.equal([])
    expect(config.telegram?.token.reveal()).to.equal(telegramEnv.IMOK_TELEGRAM_TOKEN)
  })

  it('are fatal when the records depend on them', () => {
    for (const env of [
      { IMOK_SECRET_KEY: 'password' },
      { IMOK_SECRET_KEY_FILE: '/nowhere' },
      { IMOK_MONGODB_URL: 'postgres://x' },
    ]) {
      expect(load(env).problems.map((one) => one.fatal)).to.deep.equal([true])
    }
    expect(load({ IMOK_HTTP_PORT: 'x', IMOK_HEARTBEAT_URL: 'x' }).problems.some((one) => one.fatal)).to.equal(false)
  })

  it('of the database names one server or several, and passwords of any signs', () => {
    for (const url of [
      'mongodb://127.0.0.1:27017/imok',
      'mongodb://imok:word@db1,db2,db3/imok?replicaSet=rs0&tls=true&tlsCAFile=/var/lib/imok/ca.pem',
      'mongodb://imok:word@mongodb-1:27017,mongodb-2:27018,[::1]:27019/imok?replicaSet=imok',
      'mongodb://imok:a%2Fb%3A%40%3F%23%25@db1:1,db2:2/',
      'mongodb+srv://imok:word@cluster0.example.org/imok',
    ]) {
      const { config, problems } = load({ IMOK_MONGODB_URL: url })
      expect(problems, url).to.deep.equal([])
      expect(config.mongodbUrl?.reveal()).to.equal(url.replace(/\/$/, ''))
      expect(new MongoClient(url.replace('tlsCAFile', 'appName')), 'the driver reads it, too').to.be.an('object')
    }
    for (const url of [
      'mongodb://',
      'mongodb://imok:a/b@db1/imok',
      'mongodb://imok:a#b@db1/imok',
      'mongodb://imok:a@b@db1/imok',
      'mongodb://imok:a:b@db1/imok',
      'mongodb://imok:50%@db1/imok',
      'mongodb://db1:27017,db2:port/imok',
      'mongodb://db1,,db2/imok',
      'mongodb://db1/im ok',
    ]) {
      const [problem] = load({ IMOK_MONGODB_URL: url }).problems
      expect(problem?.expected, url).to.include('in a password %2F for /')
      expect(problem?.found).not.to.include('db1')
    }
  })

  it('of the records can be late: which file is waited for is known, unless another key is given as well', () => {
    const late = load({ IMOK_SECRET_KEY_FILE: '/nowhere/key' })
    expect([late.config.secretKeyFile, late.problems[0]?.absent]).to.deep.equal(['/nowhere/key', '/nowhere/key'])
    const named = load({}, { 'local.yaml': 'secret_key_file: mounted/key' })
    expect(named.config.secretKeyFile).to.equal(path.join(dataDir, 'mounted/key'))
    const other = load({ IMOK_SECRET_KEY_FILE: '/nowhere' }, { 'local.yaml': `secret_key: ${'x'.repeat(43)}=` })
    expect([other.config.secretKeyFile, other.problems[0]?.fatal]).to.deep.equal([undefined, true])
    const wrong = load({ IMOK_SECRET_KEY_FILE: '/secrets/key' }, { '/secrets/key': 'password' })
    expect(wrong.config.secretKeyFile).to.equal(undefined)
  })

  it('are shown nowhere, right or wrong, and neither are the numbers and addresses of people', () => {
    const hush = [
      'HUSHtoken',
      'HUSHkey',
      'HUSHmail',
      'HUSHmatrix',
      'HUSHandroid',
      '900287',
      '900288',
      'zohra',
      'volunteer',
      'HUSHproxy',
    ]
    const env = {
      ...twilioEnv,
      ...matrixEnv,
      IMOK_TWILIO_AUTH_TOKEN: 'HUSHtoken',
      IMOK_TELEGRAM_TOKEN: 'HUSHtoken is wrong',
      IMOK_SECRET_KEY: 'HUSHkey',
      IMOK_SMTP_URL: 'smtp://user:HUSHmail@mail.example.org',
      IMOK_MATRIX_PASSWORD: 'HUSHmatrix',
      IMOK_ANDROID_SMS_PASSWORD: 'HUSHandroid',
      IMOK_NOTIFY_EMAIL: 'volunteer@example.org',
      IMOK_DUTY: '@zohra:example.org=+447700900287,@zohra:example.org=+447700900288x',
      IMOK_MATRIX_ADMINS: '@zohra:example.org,@zohra:example.org',
      IMOK_TWILIO_API_URL: 'http://user:HUSHproxy@127.0.0.1:4010',
    }
    const { config, problems } = load(env)
    expect(config.twilio?.authTokens[0].reveal(), 'the test holds a secret').to.equal('HUSHtoken')
    const shown = [
      describeProblems(problems),
      JSON.stringify(problems),
      JSON.stringify(redactedConfig(config)),
      JSON.stringify(config.shown),
    ]
    for (const text of shown) for (const word of hush) expect(text).not.to.contain(word)
    const secrets = [config.twilio?.authTokens, config.matrix?.password]
    for (const text of [JSON.stringify(secrets), inspect(secrets, { depth: 9, showHidden: true }), String(secrets[0])])
      expect(text).not.to.contain('HUSH')
  })

  it('are told apart from what is not set', () => {
    const shown = redactedConfig(load({ ...page, ...telegramEnv }).config)
    expect(shown['telegram.token']).to.equal('[hidden] (the environment)')
    expect(shown['twilio.auth_token']).to.equal('not set')
    expect(shown['http.port']).to.equal('8080')
  })
})
