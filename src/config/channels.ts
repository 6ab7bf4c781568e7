import type { Assembly } from './assembly.ts'
import type { AndroidSmsConfig, EmailConfig, MatrixConfig, TelegramConfig, TwilioConfig } from './config.ts'
import { readAdmins } from './people.ts'
import { masked, quoted } from './problem.ts'
import { Secret } from './secret.ts'

const secret = (text: string | undefined): Secret | undefined => (text === undefined ? undefined : new Secret(text))

export function twilio(
  { values, wanted, usable, need, report }: Assembly,
  number: (given: string) => string | undefined,
): TwilioConfig | undefined {
  if (!wanted('twilio')) return undefined
  need('twilio.account_sid', 'twilio.auth_token', 'twilio.from')
  const given = values['twilio.from']
  const from = given === undefined || /^\d{5,6}$/.test(given) ? given : number(given)
  if (given !== undefined && from === undefined)
    report('twilio.from', quoted(given), 'a phone number with its country, or a short code')
  const sid = values['twilio.account_sid']
  const token = secret(values['twilio.auth_token'])
  const previous = secret(values['twilio.auth_token_previous'])
  if (!usable('twilio') || !sid || !token || !from) return undefined
  return {
    accountSid: sid,
    authTokens: previous ? [token, previous] : [token],
    from,
    apiUrl: values['twilio.api_url'],
    // Without a public address Twilio cannot call us, so we ask it.
    mode: values['twilio.mode'] ?? (values.public_url ? 'webhook' : 'polling'),
  }
}

export function androidSms({ values, wanted, usable, need, report }: Assembly): AndroidSmsConfig | undefined {
  if (!wanted('android-sms')) return undefined
  need('android_sms.url', 'android_sms.user', 'android_sms.password')
  const webhookSecret = secret(values['android_sms.webhook_secret'])
  const mode = values['android_sms.mode'] ?? (webhookSecret ? 'webhook' : 'polling')
  if (mode === 'webhook' && !webhookSecret)
    report('android_sms.webhook_secret', 'nothing', 'a secret, because the mode is webhook; or the mode polling')
  const [url, user, password] = [
    values['android_sms.url'],
    values['android_sms.user'],
    secret(values['android_sms.password']),
  ]
  if (!usable('android-sms') || !url || !user || !password) return undefined
  return { url, user, password, mode, ...(webhookSecret && { webhookSecret }) }
}

export function telegram({ values, wanted, usable, need, report }: Assembly): TelegramConfig | undefined {
  if (!wanted('telegram')) return undefined
  need('telegram.token')
  const webhookSecret = secret(values['telegram.webhook_secret'])
  const mode = values['telegram.mode']
  if (mode === 'webhook' && !webhookSecret)
    report('telegram.webhook_secret', 'nothing', 'a secret, because the mode is webhook; or the mode polling')
  if (mode === 'webhook' && !values.public_url) {
    report(
      'telegram.mode',
      '"webhook", without public_url',
      'IMOK_PUBLIC_URL too, so that Telegram can call; or polling',
      { disables: 'telegram', instead: 'telegram is off' },
    )
  }
  const token = secret(values['telegram.token'])
  if (!usable('telegram') || !token) return undefined
  return { token, apiUrl: values['telegram.api_url'], mode, ...(webhookSecret && { webhookSecret }) }
}

export function matrix({ values, wanted, usable, need, report }: Assembly): MatrixConfig | undefined {
  if (!wanted('matrix')) return undefined
  need('matrix.homeserver', 'matrix.user', 'matrix.admins')
  const [password, accessToken] = [secret(values['matrix.password']), secret(values['matrix.access_token'])]
  if (!password && !accessToken) need('matrix.password')
  const isShared = values.mongodb_url !== undefined
  if (accessToken && !password && isShared) {
    report(
      'matrix.access_token',
      'one, together with mongodb_url',
      'IMOK_MATRIX_PASSWORD instead: each kernel signs in as a device of its own',
      { instead: 'it is used: start no second kernel', disables: 'nothing' },
    )
  }
  const { admins, bad } = readAdmins(values['matrix.admins'] ?? '')
  const given = values['matrix.admins'] !== undefined
  for (const { n, entry, expected } of given ? bad : []) {
    const fate = admins.length > 0 ? { instead: 'this entry is left out', disables: 'nothing' as const } : undefined
    report('matrix.admins', `entry ${n}: ${masked(entry)}`, expected, fate)
  }
  const [homeserver, user, room] = [values['matrix.homeserver'], values['matrix.user'], values['matrix.room']]
  if (!usable('matrix') || !homeserver || !user) return undefined
  return {
    homeserver,
    user,
    admins,
    ...(password && { password }),
    ...(accessToken && !(password && isShared) && { accessToken }),
    ...(room && { room }),
  }
}

export function email({ values, wanted, usable, need }: Assembly): EmailConfig | undefined {
  if (!wanted('email')) return undefined
  need('smtp_url', 'notify_email')
  const smtpUrl = secret(values.smtp_url)
  const to = values.notify_email?.split(',').map((one) => one.trim())
  return usable('email') && smtpUrl && to ? { smtpUrl, to } : undefined
}
