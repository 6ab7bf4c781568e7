import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Problem } from '../../src/config/problem.ts'

export const repository = path.resolve(import.meta.dirname, '../..')
export const dataDir = '/nowhere/imok-data'

/** Loads with these files and no others but the repository's own. Names without a slash are in the data folder. */
export function load(
  env: Record<string, string | undefined> = {},
  files: Record<string, string> = {},
): { config: Config; problems: Problem[] } {
  const given = new Map(Object.entries(files).map(([name, text]) => [path.resolve(dataDir, name), text]))
  const readFile = (file: string): string => {
    const text = given.get(file)
    if (text !== undefined) return text
    if (file.startsWith(`${repository}${path.sep}`)) return readFileSync(file, 'utf8')
    throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
  }
  return loadConfig({ env: { IMOK_DATA_DIR: dataDir, ...env }, readFile })
}

export const pathsOf = (problems: readonly Problem[]): string[] => problems.map((problem) => problem.path)

export const twilioEnv = {
  IMOK_TWILIO_ACCOUNT_SID: 'AC0123456789abcdef0123456789abcdef',
  IMOK_TWILIO_AUTH_TOKEN: 'twilio-token-of-the-test',
  IMOK_TWILIO_FROM: '+447700900000',
}
export const telegramEnv = { IMOK_TELEGRAM_TOKEN: '123456:telegram-token-of-the-test' }
export const matrixEnv = {
  IMOK_MATRIX_HOMESERVER: 'https://matrix.example.org/',
  IMOK_MATRIX_USER: '@imok:example.org',
  IMOK_MATRIX_PASSWORD: 'matrix-password-of-the-test',
  IMOK_MATRIX_ADMINS: '@asha:example.org,@ben:example.org',
}
