// npm run matrix -- status | recover | confirm-recovery-key [two groups]. For the operator, with imok stopped.
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import path from 'node:path'
import { CryptoStoreError } from '../channels/matrix/crypto-store/crypto-store-error.ts'
import type { CryptoStore } from '../channels/matrix/crypto-store/open-crypto-store.ts'
import { openCryptoStore } from '../channels/matrix/crypto-store/open-crypto-store.ts'
import type { Said } from '../channels/matrix/identity/commands.ts'
import { confirm, recoverWith, status } from '../channels/matrix/identity/commands.ts'
import type { Desk } from '../channels/matrix/identity/ensure-identity.ts'
import { wordsForError } from '../channels/matrix/identity/words.ts'
import { openMachine } from '../channels/matrix/open-machine.ts'
import { Refused } from '../channels/matrix/refused.ts'
import { knownAccount, signedIn, signIn } from '../channels/matrix/sign-in.ts'
import { loadConfig } from '../config/load.ts'
import type { Config } from '../config/config.ts'
import { KeyError } from '../crypto/data-key.ts'
import { makeSeal } from '../crypto/seal.ts'
import { WrongPassphrase } from '../crypto/wrapped-key.ts'
import { askHidden, NotAnswered } from './ask-hidden.ts'
import { dataKeyOf } from './data-key.ts'
import { matrixSettings } from './matrix-settings.ts'

const usage = 'Write: npm run matrix -- status, or: recover, or: confirm-recovery-key'

async function run([command, ...words]: readonly string[]): Promise<Said> {
  const { config } = loadConfig({ env: process.env })
  const settings = matrixSettings(config)
  if (!settings) return failed('No Matrix account is set, or its settings are wrong: npm start says which.')
  if (command !== 'status' && command !== 'recover' && command !== 'confirm-recovery-key') return failed(usage)
  const store = await openKeys(config)
  try {
    if (command === 'confirm-recovery-key')
      return confirm(
        store,
        knownAccount(store)?.userId ?? settings.user,
        words.length > 0 ? words.join(' ') : undefined,
      )
    const account = knownAccount(store) ?? (await signIn(settings, store))
    const api = signedIn({
      settings,
      values: store,
      account,
      before: async () => {
        await store.durable()
        expectOnDisk(store)
      },
      onRefused: () => undefined,
    })
    const machine = await openMachine({ store, ...account })
    try {
      const desk: Desk = { machine: machine.olm, api, store }
      const said =
        command === 'status' ? await status(desk) : await recoverWith(desk, await typed('The recovery key: '))
      expectOnDisk(store)
      return said
    } finally {
      machine.close()
    }
  } finally {
    await store.idle()
    store.close()
  }
}

/** What only memory has is gone when the command ends, and nobody may have been told of it. */
function expectOnDisk(store: CryptoStore): void {
  const code = store.afloat()
  if (code !== undefined)
    throw new CryptoStoreError(code, `The disk does not take the keys: ${code}. Mend it, then run this again.`)
}

async function openKeys(config: Config): Promise<CryptoStore> {
  const folder = path.join(config.dataDir, 'matrix')
  // A key that is made now would open nothing of what lies there.
  const holding = config.mongodbUrl
    ? 'the database, if an imok ever ran with it,'
    : existsSync(folder)
      ? folder
      : undefined
  const key = await dataKeyOf(config, holding, () => askHidden('The passphrase of the key: '))
  return openCryptoStore({
    folder,
    seal: makeSeal(key),
    onFailure: () => undefined,
  })
}

async function typed(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  const line = await lines.question(question)
  lines.close()
  return line
}

const failed = (line: string): Said => ({ lines: [line], exitCode: 1 })

function wordsFor(error: unknown): string {
  if (error instanceof CryptoStoreError)
    return error.code === 'locked' ? 'imok is running. Stop it first, then run this again.' : error.message
  const isPlain = [Refused, KeyError, WrongPassphrase, NotAnswered].some((kind) => error instanceof kind)
  return isPlain ? (error as Error).message : wordsForError(error)
}

const { lines, exitCode } = await run(process.argv.slice(2)).catch((error: unknown) => failed(wordsFor(error)))
process.stdout.write(`${lines.join('\n')}\n`)
process.exitCode = exitCode
