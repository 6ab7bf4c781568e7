// The profile growing runs this in the first server's own network: it makes one set of the servers, an administrator, and imok's user, as far as
// they are missing. What is there is never changed.
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { MongoClient } from 'mongodb'

const PATIENCE = 180_000 // ms: three servers on a small machine, with nothing on their disks yet
const PAUSE = 1_000 // ms
const REFUSED = 18 // AuthenticationFailed
const PERMITTED_ONCE = 13 // Unauthorized: the first user is there
const THERE = [23, 51003] // AlreadyInitialized, the user exists

/** What stands in an address as make-keys.mjs writes it. */
export function readAddress(url) {
  const found = /^mongodb:\/\/([^:@/]+):([^:@/]+)@([^@/?]+)\/(\w+)\?replicaSet=(\w+)$/.exec(url)
  if (!found)
    throw new Error(
      'the file mongodb-url is not mongodb://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?replicaSet=NAME: if the database is new, remove the file, and run "docker compose --profile keys run --rm keys"',
    )
  const [, user, password, hosts, database, set] = found
  return { user, password, hosts: hosts.split(','), database, set }
}

/** `connect` opens an address, and resolves with `run(database, command)` and `close()`. */
export async function initiate({ url, adminPassword, connect, say, pause, now = Date.now }) {
  const { user, password, hosts, database, set } = readAddress(url)
  const [, port = '27017'] = hosts[0].split(':')
  const before = now()
  const again = async (what) => {
    if (now() - before > PATIENCE) throw new Error(`${what}. Look at "docker compose logs mongodb-1", then start again`)
    say(`${what}, waiting`)
    await pause()
  }

  /** The only way in while there is no user yet. */
  const reach = async () => {
    for (;;) {
      try {
        return await connect(`mongodb://127.0.0.1:${port}/?directConnection=true`)
      } catch (error) {
        await again(`the first server does not answer (${error.name})`)
      }
    }
  }
  /** Makes one set, if there is none, and waits until it has a server to write to. Resolves with whether that is the first. */
  const gather = async (first) => {
    for (;;) {
      const hello = await first.run('admin', { hello: 1 })
      if (!hello.setName) {
        const members = hosts.map((host, _id) => ({ _id, host, ...(_id === 0 && { priority: 2 }) }))
        try {
          await first.run('admin', { replSetInitiate: { _id: set, members } })
          say(`${hosts.length} servers are one set now`)
        } catch (error) {
          if (!THERE.includes(error.code))
            await again(`the servers are not one set yet (${error.codeName ?? error.name})`)
        }
      } else if (hello.isWritablePrimary || hello.primary) return Boolean(hello.isWritablePrimary)
      else await again('the servers have not chosen one to write to')
    }
  }

  const first = await reach()
  const admin = await asAdministrator().finally(() => first.close())
  try {
    const known = await admin.run(database, { usersInfo: user })
    if (known.users.length === 0) {
      await admin.run(database, { createUser: user, pwd: password, roles: [{ role: 'readWrite', db: database }] })
      say(`the user ${user} is new`)
    }
  } finally {
    await admin.close()
  }
  say('the database is ready')

  async function asAdministrator() {
    for (;;) {
      // Only the first server can be asked to make the first user, and only while it is the one to write to. It soon is: it has the priority.
      const isThere = (await gather(first)) && (await createFirst(first, adminPassword, say))
      try {
        return await connect(`mongodb://admin:${adminPassword}@${hosts.join(',')}/?replicaSet=${set}&authSource=admin`)
      } catch (error) {
        if (error.code === REFUSED && isThere)
          throw new Error(
            'the database does not take the password in the file mongodb-admin: put back the file that was there when the database was made',
            { cause: error },
          )
        await again(
          error.code === REFUSED
            ? 'another server than the first is the one to write to'
            : `the set does not answer (${error.name})`,
        )
      }
    }
  }
}

/** On its own machine a server lets anybody make the first user, and only one that makes others. False if it is not the one to write to any more. */
async function createFirst(first, adminPassword, say) {
  try {
    await first.run('admin', { createUser: 'admin', pwd: adminPassword, roles: [{ role: 'root', db: 'admin' }] })
    say('the user admin is new')
  } catch (error) {
    if (error.codeName === 'NotWritablePrimary') return false
    if (error.code !== PERMITTED_ONCE && !THERE.includes(error.code)) throw error
  }
  return true
}

async function connect(url) {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 5_000, connectTimeoutMS: 5_000 })
  try {
    await client.connect()
  } catch (error) {
    await client.close()
    throw error
  }
  return { run: (database, command) => client.db(database).command(command), close: () => client.close() }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    const [url, adminPassword] = process.argv.slice(2).map((file) => readFileSync(file, 'utf8').trim())
    await initiate({
      url,
      adminPassword,
      connect,
      say: (text) => console.log(`imok: ${text}`),
      pause: () => new Promise((resolve) => setTimeout(resolve, PAUSE)),
    })
  } catch (error) {
    console.error(`imok: the database cannot be made ready: ${error.message}`)
    process.exitCode = 1
  }
}
