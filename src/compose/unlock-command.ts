// npm run unlock. For the operator, on the machine and as the user of a kernel that is locked.
import path from 'node:path'
import { loadConfig } from '../config/load.ts'
import { KeyError } from '../crypto/data-key.ts'
import type { DataKey } from '../crypto/data-key.ts'
import { keyPlace, openSealed, SEALED_FILE, sealedKeyId } from '../crypto/key-files.ts'
import { WrongPassphrase } from '../crypto/wrapped-key.ts'
import { askHidden, isPerson, NotAnswered, withoutEcho } from './ask-hidden.ts'
import { missingKey } from './data-key.ts'
import { done, failed, say } from './said.ts'
import type { Said } from './said.ts'
import { handKey } from './unlock-socket.ts'
import { absenceOfKey } from './which-key.ts'

/** Wrong passphrases before a person must begin anew; scrypt makes each cost half a second. */
const TRIES = 3

const { config } = loadConfig({ env: process.env })
const { dataDir } = config

async function run(words: readonly string[]): Promise<Said> {
  if (words.length > 0) return failed('Write: npm run unlock')
  const missing = await missingKey(config)
  if (!missing) {
    const isSomewhere = config.secretKey !== undefined || (await keyPlace(dataDir)) !== 'none'
    if (!isSomewhere) return failed(...(await absenceOfKey(config)))
    return done(`There is nothing to unlock in ${dataDir}: the key is at hand, and imok starts alone.`)
  }
  if (missing.why === 'file')
    return failed(
      `No passphrase opens the records in ${dataDir}: imok waits for the file ${missing.where}` +
        (config.secretKeyFile === undefined
          ? ', or for the one that IMOK_SECRET_KEY_FILE names where it is set.'
          : '.'),
      'Put it there (mount what it lies on, or copy it from the backup). imok looks every two seconds, and goes on by itself.',
    )
  await sealedKeyId(dataDir)
  process.stderr.write(`The key of ${dataDir}:\n`)
  const key = await withoutEcho(asked)
  if (!key) return failed(`That was not the passphrase of ${path.join(dataDir, SEALED_FILE)}. Nothing was changed.`)
  process.stderr.write('That is the right one. imok opens its records with it …\n')
  switch (await handKey(dataDir, key, { slow: sayThatItTriesOn })) {
    case 'opened':
      return done(
        `Unlocked. The imok of ${dataDir} reads what it missed, and then watches: see /readyz, and what it says in the room.`,
      )
    case 'wrong-key':
      return failed(
        `The passphrase is right, and the key that it opens is not the one of these records: ${path.join(dataDir, SEALED_FILE)} is from another data folder.`,
        'Put the right one back from the backup. imok stays locked.',
      )
    default:
      return failed(`The imok of ${dataDir} ended, or could not open its records. Its log says why.`)
  }
}

async function asked(): Promise<DataKey | undefined> {
  for (let tries = 1; ; tries++) {
    const passphrase = await askHidden('The passphrase: ')
    try {
      return await openSealed(dataDir, passphrase)
    } catch (error) {
      if (!(error instanceof WrongPassphrase)) throw error
      if (!isPerson() || tries >= TRIES) return undefined
      process.stderr.write(`That is not it (${String(tries)} of ${String(TRIES)} tries).\n`)
    }
  }
}

const sayThatItTriesOn = (): void =>
  void process.stderr.write(
    'imok has the key, and has not opened its records yet: the database cannot be reached, or the disk is full? It goes on trying, its log says why.\n' +
      'Mend that; it needs no key again unless it is restarted. This waits until its records are open; Ctrl-C ends only the waiting.\n',
  )

function wordsFor(error: unknown): string {
  if (error instanceof NotAnswered || error instanceof KeyError) return error.message
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOENT' || code === 'ECONNREFUSED')
    return `No locked imok runs with the data folder ${dataDir}. Start it first (npm start, or systemctl start imok), then run this again.`
  if (code === 'EACCES') return `This user may not use ${dataDir}: run it as the user that imok runs as.`
  return `It did not work (${error instanceof Error ? error.message : 'unknown'}). The imok of ${dataDir} is still locked.`
}

say(await run(process.argv.slice(2)).catch((error: unknown) => failed(wordsFor(error))))
