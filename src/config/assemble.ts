import { phoneReader } from '../i18n/phone.ts'
import type { Assembly } from './assembly.ts'
import { androidSms, email, matrix, telegram, twilio } from './channels.ts'
import type { Config, DutyPerson } from './config.ts'
import { readDuty } from './people.ts'
import { emergencyNumber, systemZone } from './place-readers.ts'
import { masked } from './problem.ts'
import { Secret } from './secret.ts'
import { simulator } from './simulator.ts'

type Fixed = Pick<Config, 'dataDir' | 'secretKeyFile' | 'protocol' | 'unused' | 'shown'>

/** Puts the parts together; what does not fit together is reported. */
export function assemble(parts: Assembly, fixed: Fixed): Config {
  const { values } = parts
  const number = phoneReader(values.region)
  // In this order: what a later line asks of a part, an earlier one has judged.
  const channels = {
    twilio: twilio(parts, number),
    androidSms: androidSms(parts),
    telegram: telegram(parts),
    matrix: matrix(parts),
    email: email(parts),
  }
  const simulated = simulator(parts)
  const http = ports(parts)
  const optional = {
    ...channels,
    publicUrl: values.public_url,
    secretKey: hidden(values.secret_key),
    mongodbUrl: hidden(values.mongodb_url),
    heartbeatUrl: hidden(values.heartbeat_url),
    apiToken: hidden(values.api_token),
  }
  return {
    ...fixed,
    ...present(optional),
    http,
    webhookBase:
      values.public_url ??
      `http://${http.host.includes(':') ? `[${http.host}]` : http.host}:${http.webhookPort ?? http.port}`,
    group: {
      name: values.group_name,
      timezone: values.timezone ?? systemZone(),
      region: values.region,
      language: values.language.toLowerCase(),
      emergencyNumber: values.emergency_number ?? emergencyNumber(values.region),
    },
    logLevel: values.log_level,
    simulator: simulated,
    flows: values.flows,
    rounds: { every: values['rounds.every'], repeat: values['rounds.repeat'], misses: values['rounds.misses'] },
    retention: { sessions: values['retention.sessions'], incidents: values['retention.incidents'] },
    duty: duty(parts, number, simulated.on),
  }
}

const hidden = (text: string | undefined): Secret | undefined => (text === undefined ? undefined : new Secret(text))

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> }
const present = <T extends object>(given: T): Present<T> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Present<T>

function ports({ values, report }: Assembly): Config['http'] {
  const [host, port, webhookPort] = [values['http.host'], values['http.port'], values.webhook_port]
  if (webhookPort === undefined) return { host, port }
  if (webhookPort !== port || port === 0) return { host, port, webhookPort }
  report('webhook_port', `${webhookPort}, which is IMOK_HTTP_PORT too`, 'a port of its own')
  return { host, port }
}

/** How a number is texted. One that was meant for a real channel that is off is not played on a page instead. */
function textedBy({ wanted, works }: Assembly, simulated: boolean): 'sms' | 'simulator' | undefined {
  if (works('twilio') || works('android-sms')) return 'sms'
  return simulated && !wanted('twilio') && !wanted('android-sms') ? 'simulator' : undefined
}

function duty(parts: Assembly, number: (given: string) => string | undefined, simulated: boolean): DutyPerson[] {
  const { values, works, report } = parts
  if (values.duty === undefined) return []
  const numbers = textedBy(parts, simulated)
  const reach = { number, telegram: works('telegram'), ...(numbers && { numbers }) }
  const read = readDuty(values.duty, reach)
  for (const { n, entry, expected } of read.bad)
    report('duty', `entry ${n}: ${masked(entry)}`, expected, { instead: 'this entry is left out' })
  return read.duty
}
