// docker compose --profile keys run --rm keys: makes the secrets that are missing, in the folder that is named. One that is there is never touched.
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'

const [folder = '.'] = process.argv.slice(2)
const imok = 10001 // the user of the Containerfile
const mongod = 999 // the user of MongoDB's own image: it takes no key that another user could read
const hosts = 'mongodb-1:27017,mongodb-2:27018,mongodb-3:27019'

const secrets = {
  key: [imok, () => randomBytes(32).toString('base64')],
  'mongodb-key': [mongod, () => randomBytes(756).toString('base64')],
  'mongodb-url': [imok, () => `mongodb://imok:${randomBytes(24).toString('hex')}@${hosts}/imok?replicaSet=imok`],
  'mongodb-admin': [imok, () => randomBytes(24).toString('hex')],
}

for (const [name, [owner, make]] of Object.entries(secrets)) {
  const file = path.join(folder, name)
  if (existsSync(file)) console.log(`${name} is there already and stays as it is`)
  else {
    put(file, `${make()}\n`, owner)
    console.log(`${name} is new`)
  }
}
console.log(
  'Keep a copy of key on paper or in a password manager: without it nobody can read the records, and no backup.',
)

/** Whole or not at all: a key of half a line would seal what nobody opens again. */
function put(file, text, owner) {
  const beside = `${file}.${process.pid}`
  const handle = openSync(beside, 'wx', 0o400)
  try {
    writeSync(handle, text)
    fchmodSync(handle, 0o400)
    if (process.getuid() === 0) fchownSync(handle, owner, owner)
    fsyncSync(handle)
    linkSync(beside, file)
  } finally {
    closeSync(handle)
    rmSync(beside)
  }
  const place = openSync(path.dirname(file), 'r')
  fsyncSync(place)
  closeSync(place)
}
