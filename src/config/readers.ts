import * as z from 'zod'
import { formatDuration, parseDuration } from '../core/duration.ts'
import type { Duration } from '../core/time.ts'

/** How the text of one setting becomes a value, and how to say it to the person who typed it. */
export interface Reader<T> {
  schema: z.ZodType<T, string>
  expected: string
  example: string
}

/** A reader made of a function that answers undefined to what it cannot read. */
export function reader<T>(expected: string, example: string, read: (text: string) => T | undefined): Reader<T> {
  const schema = z.string().transform((text, context): T => {
    const value = read(text)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: expected, params: { example } })
    return z.NEVER
  })
  return { schema, expected, example }
}

/** Text of one line that matches. */
export const text = (expected: string, example: string, pattern = /^[^\p{Cc}]+$/u, longest = 200): Reader<string> =>
  reader(expected, example, (given) => (pattern.test(given) && given.length <= longest ? given : undefined))

export const whole = (least: number, most: number, expected: string, example: string): Reader<number> =>
  reader(`${expected}, ${least} to ${most}`, example, (given) => {
    const number = /^\d{1,9}$/.test(given) ? Number(given) : undefined
    return number !== undefined && number >= least && number <= most ? number : undefined
  })

export const oneOf = <const T extends readonly string[]>(choices: T): Reader<T[number]> =>
  reader<T[number]>(`one of: ${choices.join(', ')}`, choices[0] ?? '', (given) =>
    choices.find((choice) => choice === given.toLowerCase()),
  )

const on = ['on', 'yes', 'true', '1']
const off = ['off', 'no', 'false', '0']

export const onOff: Reader<boolean> = reader('on or off', 'on', (given) => {
  const word = given.toLowerCase()
  return on.includes(word) ? true : off.includes(word) ? false : undefined
})

export const length = (least: Duration, most: Duration, example: string): Reader<Duration> =>
  reader(
    `a length of time from ${formatDuration(least)} to ${formatDuration(most)}, like 90s, 5m, 1h30m`,
    example,
    (given) => {
      const ms = parseDuration(given)
      return ms !== undefined && ms >= least && ms <= most ? ms : undefined
    },
  )

export const lengths = (least: Duration, most: Duration, example: string): Reader<Duration[]> =>
  reader(
    `lengths of time with commas between, each from ${formatDuration(least)} to ${formatDuration(most)}; or "none"`,
    example,
    (given) => {
      if (given.toLowerCase() === 'none') return []
      const all = given.split(',').map((one) => parseDuration(one.trim()))
      const good = all.filter((ms) => ms !== undefined && ms >= least && ms <= most) as Duration[]
      return good.length === all.length && all.length <= 5 ? [...new Set(good)].sort((a, b) => b - a) : undefined
    },
  )

/** An address without the slash at its end, so that a path can be put behind it. */
export const url = (schemes: readonly string[], example: string): Reader<string> =>
  reader(`an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`, example, (given) => {
    if (/\s/.test(given) || !URL.canParse(given)) return undefined
    const parsed = new URL(given)
    return schemes.includes(parsed.protocol.slice(0, -1)) && parsed.hostname ? given.replace(/\/+$/, '') : undefined
  })

/** A user or a password: whatever would mean something else in an address is written as %2F and the like. */
const WRITTEN = '(?:[^/?#@:%\\s]|%[0-9A-Fa-f]{2})+'
const DATABASE = new RegExp(`^(mongodb(?:\\+srv)?://(?:${WRITTEN}(?::${WRITTEN})?@)?)([^/?#@\\s]+)([/?]\\S*)?$`)

/** The address of one MongoDB, which may name several servers. What else it says is for the driver to judge. */
export const databaseUrl: Reader<string> = reader(
  'an address that begins with mongodb:// or mongodb+srv://, and in a password %2F for /, %3A for :, %40 for @, %3F for ?, %23 for #, %25 for %',
  'mongodb://127.0.0.1:27017/imok',
  (given) => {
    const [, start, servers = '', rest = ''] = DATABASE.exec(given) ?? []
    if (start === undefined) return undefined
    const isServer = (it: string): boolean => it !== '' && URL.canParse(`${start}${it}${rest}`)
    return servers.split(',').every(isServer) ? given.replace(/\/+$/, '') : undefined
  },
)
