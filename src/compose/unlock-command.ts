// npm run unlock. For the operator, on the machine and as the user of a kernel that is locked.
import path from 'node:path'
import { loadConfig } from '../config/load.ts'
import { KeyError } from '../crypto/data-key.ts'
import type { DataKey } from '../crypto/data-key.ts'
import { openSealed, SEALED_FILE, sealedKeyId } from '../crypto/key-files.ts'
import { WrongPassphrase } from '../crypto/wrapped-key.ts'
import { askHidden, isPerson, NotAnswered, withoutEcho } from './ask-hidden.ts'
import { missingKey } from './data-key.ts'
import { done, failed, say } from './said.ts'
import type { Said } from './said.ts'
import { handKey } from './unlock-socket.ts'

/** Wrong passphrases before a person must begin anew; scrypt makes each cost half a second. */
const TRIES = 3

async function run(words: readonly string[]): Promise<Said> {
  if (words.length > 0) return failed('Write: npm run unlock')
  const { config } = loadConfig({ env: process.env })
  const missing = await missingKey(config)
  if (!missing) return done('There is nothing to unlock: the key is at hand, and imok starts alone.')
  if (missing.why === 'file')
    return failed(
      `No passphrase opens this one: imok waits for the file ${missing.where}.`,
      'Put it there (mount what it lies on, or copy it from the backup). imok looks every two seconds, and goes on by itself.',
    )
  const { dataDir } = config
  await sealedKeyId(dataDir)
  process.stderr.write(`The key of ${dataDir}:\n`)
  const key = await withoutEcho(() => asked(dataDir))
  if (!key) return failed(`That was not the passphrase of ${path.join(dataDir, SEALED_FILE)}. Nothing was changed.`)
  process.stderr.write('That is the right one. imok opens its records with it …\n')
  switch (await handKey(dataDir, key)) {
    case 'opened':
      return done('Unlocked. imok reads what it missed, and then watches: see /readyz, and what it says in the room.')
    case 'wrong-key':
      return failed(
        `The passphrase is right, and the key that it opens is not the one of these records: ${SEALED_FILE} is from another data folder.`,
        'Put the right one back from the backup. imok stays locked.',
      )
    default:
      return failed('imok ended, or could not open its records. Its log says why.')
  }
}

async function asked(folder: string): Promise<DataKey | undefined> {
  for (let tries = 1; ; tries++) {
    const passphrase = await askHidden('The passphrase: ')
    try {
      return await openSealed(folder, passphrase)
    } catch (error) {
      if (!(error instanceof WrongPassphrase)) throw error
      if (!isPerson() || tries >= TRIES) return undefined
      process.stderr.write(`That is not it (${String(tries)} of ${String(TRIES)} tries).\n`)
    }
  }
}

function wordsFor(error: unknown): string {
  if (error instanceof NotAnswered || error instanceof KeyError) return error.message
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOENT' || code === 'ECONNREFUSED')
    return 'No locked imok runs with this data folder. Start it first (npm start, or systemctl start imok), then run this again.'
  if (code === 'EACCES') return 'This user may not: run it as the user that imok runs as.'
  return `It did not work (${error instanceof Error ? error.message : 'unknown'}). imok is still locked.`
}

say(await run(process.argv.slice(2)).catch((error: unknown) => failed(wordsFor(error))))
