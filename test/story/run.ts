// npm run stories -- PLACE [FILE…] [options of mocha]: every story where its records lie in another place than memory.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { startStandIn } from '../e2e/mongodb/stand-in.ts'

/** A story that takes long on a disk or on a server is not stuck for that. */
const LONGEST = 60_000 // ms

const [place = '', ...args] = process.argv.slice(2)
const isNamed = args.some((arg) => arg.endsWith('.test.ts'))

/** None may be skipped, and one that fails is shown with its title; the counts are mocha's own. */
async function play(more: Record<string, string>): Promise<number> {
  const mocha = ['node_modules/mocha/bin/mocha.js', '--forbid-pending', '--timeout', String(LONGEST)]
  const files = isNamed ? [] : ['test/story/**/*.test.ts']
  const child = spawn(process.execPath, [...mocha, ...files, ...args], {
    stdio: 'inherit',
    env: { ...process.env, STORY_STORE: place, ...more },
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

async function onServer(): Promise<number> {
  const server = await startStandIn()
  try {
    return await play({ STORY_MONGODB: server.url('') })
  } finally {
    await server.stop()
  }
}

switch (place) {
  case 'lowdb':
    process.exitCode = await play({})
    break
  case 'mongodb':
    process.exitCode = await onServer()
    break
  default:
    console.error(
      `imok: there are no stories in ${JSON.stringify(place)}: npm run stories -- lowdb, or npm run stories -- mongodb`,
    )
    process.exitCode = 1
}
