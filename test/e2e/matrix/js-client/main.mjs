// A Matrix client as a process: one JSON line in for each command, one JSON line out for each answer and each thing seen.
// Standard output belongs to the protocol; whatever the SDK says goes to standard error.
import { createInterface } from 'node:readline'

const write = process.stdout.write.bind(process.stdout)
export const say = (message) => write(`${JSON.stringify(message)}\n`)
for (const level of ['log', 'info', 'debug', 'trace', 'warn'])
  console[level] = (...what) => process.stderr.write(`${level} ${what.map(String).join(' ')}\n`)
process.on('unhandledRejection', (error) => process.stderr.write(`unhandled ${error?.stack ?? error}\n`))

const { start } = await import('./session.mjs')
let commands

async function obey({ id, do: name, with: args }) {
  try {
    if (name === 'start') commands = await start(args, say)
    const command = name === 'start' ? commands.whoami : commands?.[name]
    if (!command) throw new Error(`there is no command "${name}"`)
    say({ id, ok: (await command(args)) ?? null })
  } catch (error) {
    const { message, errcode = '', httpStatus: status = 0, name: kind } = error
    say({ id, failed: { message: `${kind}: ${message}`, errcode, status } })
  }
}

const lines = createInterface({ input: process.stdin })
lines.on('line', (line) => void obey(JSON.parse(line)))
lines.on('close', () => process.exit(0)) // whoever started us has gone
