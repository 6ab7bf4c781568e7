// npm run key -- status | passphrase | file. For the operator, with imok stopped.
import path from 'node:path'
import { loadConfig } from '../config/load.ts'
import type { Config } from '../config/config.ts'
import { holdsData, KeyError, readKeyFile } from '../crypto/data-key.ts'
import type { DataKey } from '../crypto/data-key.ts'
import { KEY_FILE, keyPlace, openKeyFile, openSealed, SEALED_FILE, sealKeyFile } from '../crypto/key-files.ts'
import type { KeyPlace } from '../crypto/key-files.ts'
import { weakness, WrongPassphrase } from '../crypto/wrapped-key.ts'
import { StoreError } from '../ports/store.ts'
import { lockFolder } from '../stores/lowdb/folder-lock.ts'
import { askHidden, isPerson, NotAnswered, withoutEcho } from './ask-hidden.ts'
import { done, failed, say } from './said.ts'
import type { Said } from './said.ts'
import { typedCommand } from './typed-command.ts'
import { absenceOfKey, troubleWithKey } from './which-key.ts'

const usage = 'Write: npm run key -- status, or: passphrase, or: file'

async function run([command, ...more]: readonly string[]): Promise<Said> {
  const { config } = loadConfig({ env: process.env })
  if (more.length > 0) return failed(usage)
  if (command === 'status') return status(config)
  if (command !== 'passphrase' && command !== 'file') return failed(usage)
  if (isSetElsewhere(config))
    return failed(
      'The key is set by IMOK_SECRET_KEY or IMOK_SECRET_KEY_FILE, not by a file in the data folder: there is nothing to turn here.',
      'Take that setting out first, with the key put into the data folder as the file "key".',
    )
  if ((await keyPlace(config.dataDir)) === 'none') return failed(...(await absenceOfKey(config)))
  const letGo = await lockFolder(config.dataDir)
  try {
    const place = await keyPlace(config.dataDir)
    const trouble = await troubleWithKey(config, place)
    if (trouble) return failed(`${trouble[0]} Nothing was changed.`, trouble[1])
    const turn = command === 'passphrase' ? toPassphrase : toFile
    return await withoutEcho(() => turn(config.dataDir, place))
  } finally {
    await letGo()
  }
}

const isSetElsewhere = ({ secretKey, secretKeyFile }: Config): boolean =>
  secretKey !== undefined || secretKeyFile !== undefined

async function status(config: Config): Promise<Said> {
  const { dataDir, secretKeyFile, mongodbUrl } = config
  const [key, sealed] = [path.join(dataDir, KEY_FILE), path.join(dataDir, SEALED_FILE)]
  if (secretKeyFile !== undefined)
    return done(
      `The key comes from ${secretKeyFile} (IMOK_SECRET_KEY_FILE), and is not there now. ` +
        (mongodbUrl || (await holdsData(dataDir))
          ? 'imok starts locked, and goes on when it is.'
          : `imok does not start: there are no records in ${dataDir} to wait for it with.`),
    )
  if (isSetElsewhere(config))
    return done(
      'The key comes from IMOK_SECRET_KEY, or from the file that IMOK_SECRET_KEY_FILE names.',
      'It protects as much as that place does: a disk or a backup without it cannot be read.',
    )
  const type = (command: string): string => typedCommand(command, dataDir)
  const place = await keyPlace(dataDir)
  switch (place) {
    case 'file':
      return done(
        `The key is the file ${key}. imok starts alone.`,
        'It protects a backup without that file, and a disk that is thrown away without it. It does not protect a machine, or a whole disk,',
        'that is taken away: the key lies beside what it opens.',
        `To have it opened by a passphrase only: ${type('key -- passphrase')}`,
      )
    case 'passphrase':
      return done(
        `The key is sealed with a passphrase, in ${sealed}. imok starts LOCKED: somebody has to run: ${type('unlock')}`,
        'It protects the machine while it is off, its disk, and a whole backup, as far as the passphrase is good. Not a machine that is taken',
        'away while it runs, and not the settings in local.yaml.',
        `To have imok start alone again: ${type('key -- file')}`,
      )
    case 'both':
      return done(
        `There are both ${key} and ${sealed}: a change was cut short, or a file was put back. The first one counts, and protects like a key file.`,
        ...((await troubleWithKey(config, place)) ?? [
          `To end it: ${type('key -- passphrase')}, or: ${type('key -- file')}`,
        ]),
      )
    case 'none':
      return done(...(await absenceOfKey(config)))
  }
}

async function toPassphrase(folder: string, place: KeyPlace): Promise<Said> {
  const key =
    place === 'passphrase'
      ? await openSealed(folder, await askHidden('The passphrase until now: '))
      : await openKey(folder)
  if (!key) return failed('The key was taken away meanwhile. Nothing was changed.')
  const passphrase = await askHidden('The new passphrase: ')
  const weak = weakness(passphrase)
  if (weak !== undefined) return failed(`This passphrase will not do: ${weak}. Nothing was changed.`)
  if (isPerson() && (await askHidden('The same once more: ')) !== passphrase)
    return failed('These were two different passphrases. Nothing was changed.')
  await sealKeyFile(folder, key, passphrase)
  return done(
    `The key is sealed with the passphrase now, in ${path.join(folder, SEALED_FILE)}; the file "key" is gone.`,
    'Write the passphrase down on paper, and keep it where two people can find it: without it nobody can read the records, you included.',
    `From now on imok starts LOCKED, also after a power cut: it does not watch until somebody runs ${typedCommand('unlock', folder)}`,
    'Backups that were made until now still hold the key in clear, and so may the free space of this disk: destroy the backups, and encrypt the disk.',
  )
}

async function toFile(folder: string, place: KeyPlace): Promise<Said> {
  if (place === 'file') return done('The key is a file already. Nothing was changed.')
  const key = place === 'both' ? await openKey(folder) : await openSealed(folder, await askHidden('The passphrase: '))
  if (!key) return failed('The key was taken away meanwhile. Nothing was changed.')
  await openKeyFile(folder, key)
  return done(
    `The key is the file ${path.join(folder, KEY_FILE)} now. imok starts alone.`,
    'Whoever takes the disk can read the records.',
  )
}

const openKey = (folder: string): Promise<DataKey | undefined> => readKeyFile(path.join(folder, KEY_FILE))

function wordsFor(error: unknown): string {
  if (error instanceof StoreError && error.code === 'locked')
    return 'imok is running. Stop it first, then run this again.'
  if (error instanceof WrongPassphrase) return 'That is not the passphrase. Nothing was changed.'
  if (error instanceof NotAnswered || error instanceof KeyError) return error.message
  return `It did not work (${error instanceof Error ? error.message : 'unknown'}). The key is where it was: npm run key -- status`
}

say(await run(process.argv.slice(2)).catch((error: unknown) => failed(wordsFor(error))))
