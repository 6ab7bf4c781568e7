// Judges payloads by the published description of the Bot API (specs/telegram.json): unknown fields, missing fields, wrong types.
import description from './specs/telegram.json' with { type: 'json' }

interface Field {
  types: string[]
  required?: boolean
}
type Shape = { fields: Record<string, Field> } | { oneOf: string[] }

const methods = description.methods as Record<string, { fields: Record<string, Field> }>
const types = description.types as Record<string, Shape | undefined>

/** What is wrong with a call; empty when nothing is. */
export function faultsOfCall(method: string, payload: unknown): string[] {
  const known = methods[method]
  if (!known) return [`${method}: no such method in the description`]
  return [...faultsOfFields(method, known.fields, payload), ...faultsInWords(method, payload)]
}

/** What is wrong with an object that the Bot API is supposed to send. */
export const faultsOfType = (type: string, value: unknown): string[] => faultsOf(type, [type], value)

function faultsOf(path: string, allowed: string[], value: unknown): string[] {
  const tries = allowed.map((type) => faultsOfOne(path, type, value))
  return tries.find((faults) => faults.length === 0) ?? tries.toSorted((a, b) => a.length - b.length)[0] ?? []
}

function faultsOfOne(path: string, type: string, value: unknown): string[] {
  if (type.startsWith('Array of ')) {
    if (!Array.isArray(value)) return [`${path}: expected ${type}`]
    return value.flatMap((v, i) => faultsOf(`${path}[${i}]`, [type.slice('Array of '.length)], v))
  }
  const right = isOfPlainType(type, value)
  if (right !== undefined) return right ? [] : [`${path}: expected ${type}`]
  const shape = types[type]
  if (!shape) return [`${path}: ${type} is not in the description`]
  return 'oneOf' in shape ? faultsOf(path, shape.oneOf, value) : faultsOfFields(path, shape.fields, value)
}

function isOfPlainType(type: string, value: unknown): boolean | undefined {
  if (type === 'String') return typeof value === 'string'
  if (type === 'Boolean') return typeof value === 'boolean'
  if (type === 'Integer') return Number.isSafeInteger(value)
  if (type === 'Float') return typeof value === 'number' && Number.isFinite(value)
  return undefined
}

function faultsOfFields(path: string, fields: Record<string, Field>, value: unknown): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path}: expected an object`]
  const given = value as Record<string, unknown>
  const missing = Object.keys(fields).filter((name) => fields[name]?.required && given[name] === undefined)
  return [
    ...missing.map((name) => `${path}.${name}: missing`),
    ...Object.entries(given).flatMap(([name, v]) => {
      const field = fields[name]
      return field ? faultsOf(`${path}.${name}`, field.types, v) : [`${path}.${name}: unknown`]
    }),
  ]
}

/** Rules that the description states in words. */
function faultsInWords(method: string, payload: unknown): string[] {
  const faults: string[] = []
  const rule = (holds: boolean, what: string): void => {
    if (!holds) faults.push(`${method}: ${what}`)
  }
  const given = payload as Record<string, unknown>
  if (method === 'sendMessage') {
    const length = String(given['text']).length
    rule(length >= 1 && length <= 4_096, 'text has 1-4096 characters')
    for (const button of buttonsIn(payload)) {
      const bytes = Buffer.byteLength(button.callback_data ?? '')
      rule(bytes >= 1 && bytes <= 64, 'callback_data has 1-64 bytes')
      rule(button.text.trim() !== '', 'a button has a label')
    }
  }
  if (method === 'setMyCommands')
    for (const c of given['commands'] as { command: string; description: string }[]) {
      rule(/^[a-z0-9_]{1,32}$/.test(c.command), 'a command is 1-32 lower-case letters, digits, underscores')
      rule(c.description.length >= 1 && c.description.length <= 256, 'a description has 1-256 characters')
    }
  if (method === 'getUpdates' && given['limit'] !== undefined)
    rule(Number(given['limit']) >= 1 && Number(given['limit']) <= 100, 'limit is 1-100')
  return faults
}

export interface Button {
  text: string
  callback_data?: string
}

/** The buttons under a message that was sent. */
export function buttonsIn(payload: unknown): Button[] {
  const { reply_markup: markup } = payload as { reply_markup?: { inline_keyboard?: Button[][] } }
  return markup?.inline_keyboard?.flat() ?? []
}
