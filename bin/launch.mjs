#!/usr/bin/env node
// npm start, npm test and the rest come through here: install what is missing, then become the command, under Node 24.
// Plain JavaScript that runs on Node 18 and later, because it is what runs before anything is installed.
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { commands } from './commands.mjs'
import { install } from './install.mjs'
import { missing } from './missing.mjs'
import { isRecent, pickNode } from './node.mjs'
import { become, Refusal, relay } from './run.mjs'

const root = path.resolve(fileURLToPath(import.meta.url), '../..')

async function launch(name, args) {
  const command = commands[name ?? 'start']
  if (!command) throw new Refusal(`There is no command "${name}". Choose one of: ${Object.keys(commands).join(', ')}.`)
  const { required, optional } = missing(root, command.development)
  if (required.length > 0 || optional.length > 0) await install(root, command.development)
  if (!isRecent()) {
    // What follows needs Node 24, so the same launcher goes on under it, as a child that gets every signal.
    return relay(pickNode(root), [fileURLToPath(import.meta.url), name ?? 'start', ...args], { cwd: root })
  }
  const steps = await command.steps(root, args)
  for (const step of steps.slice(0, -1)) {
    const code = await relay(process.execPath, step, { cwd: root })
    if (code !== 0) return code
  }
  return become(pickNode(root), steps.at(-1), { cwd: root })
}

launch(process.argv[2], process.argv.slice(3)).then(
  (code) => process.exit(code),
  (error) => {
    console.error(error instanceof Refusal ? `imok: ${error.message}` : error)
    process.exit(error instanceof Refusal ? error.exitCode : 1)
  },
)
