// The product as a person starts it: npm start, on a free port, with a data folder of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { withoutSettings } from '../support/environment.ts'
import { freePort } from '../support/free-port.ts'

const root = path.resolve(import.meta.dirname, '../..')
const READY = 60_000 // ms

export interface RunningKernel {
  readonly url: string
  readonly dataFolder: string
  /** SIGSTOP freezes it, SIGCONT lets it go on. */
  signal(name: NodeJS.Signals): void
  /** What it has written to the terminal. */
  output(): string
  /** Ends it with its whole process group; resolves when it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** Somebody with a simulated phone writes; resolves when it is stored. */
export async function writesTo({ url }: Pick<RunningKernel, 'url'>, text: string, from: string): Promise<void> {
  const answer = await fetch(`${url}/simulator/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from, text }),
  })
  if (answer.status !== 200) throw new Error(`the phone's text was answered with ${String(answer.status)}`)
}

/** What `/readyz` must answer before a start counts as done. */
export type IsUp = (answer: Response) => boolean | Promise<boolean>

/** Up, and not watching for this reason. */
export const isUnwell =
  (reason: string): IsUp =>
  async (answer) =>
    (await answer.text()).includes(`"${reason}"`)

/** Up, and without the data key. */
export const isLocked = isUnwell('locked')

/** Runs an operator's command as they would, with a line piped into it. Resolves with how it ended and what it said. */
export async function command(args: readonly string[], dataFolder: string, line = ''): Promise<[number, string]> {
  const child = spawn('npm', ['run', '--silent', ...args], {
    cwd: root,
    env: { ...process.env, IMOK_DATA_DIR: dataFolder },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()))
  child.stdin.end(`${line}\n`)
  const [code] = (await once(child, 'close')) as [number | null]
  return [code ?? -1, said]
}

/** Starts the product and waits until it watches, or is up otherwise. Pass dataFolder, and the port, to start again on what another run left. */
export async function startKernel(
  settings: Readonly<Record<string, string>> = {},
  dataFolder = mkdtempSync(path.join(tmpdir(), 'imok-e2e-')),
  isUp: IsUp = ({ ok }) => ok,
): Promise<RunningKernel> {
  const port = Number(settings['IMOK_HTTP_PORT'] ?? (await freePort()))
  const url = `http://127.0.0.1:${String(port)}`
  const child = spawn('npm', ['start'], {
    cwd: root,
    detached: true, // a group of its own, to be ended as one
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...withoutSettings(),
      IMOK_HTTP_HOST: '127.0.0.1',
      IMOK_HTTP_PORT: String(port),
      IMOK_DATA_DIR: dataFolder,
      ...settings,
    },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()))
  try {
    await ready(child, url, () => output, isUp)
  } catch (error) {
    if (child.exitCode === null) process.kill(-(child.pid ?? 0), 'SIGKILL')
    throw error
  }
  return {
    url,
    dataFolder,
    signal: (name) => {
      if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), name)
    },
    output: () => output,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = new Promise((resolve) => child.once('close', resolve))
        process.kill(-(child.pid ?? 0), signal)
        await gone
      }
      if (signal !== 'SIGKILL') rmSync(dataFolder, { recursive: true, force: true })
    },
  }
}

async function ready(child: ChildProcess, url: string, output: () => string, isUp: IsUp): Promise<void> {
  for (const until = Date.now() + READY; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined)
    if (answer && (await isUp(answer))) return
    if (child.exitCode !== null || Date.now() > until) throw new Error(`npm start is not watching:\n${output()}`)
  }
}
