// The kernel as npm start runs it: compiled, a process of its own.
import { spawn } from 'node:child_process'
import { createWriteStream, readFileSync } from 'node:fs'
import path from 'node:path'
import { build } from '../../bin/build.mjs'
import { freePort } from '../support/free-port.ts'

const root = path.resolve(import.meta.dirname, '../..')
const LONGEST_START = 60_000 // ms

export interface Kernel {
  url: string
  /** Milliseconds from the start of the process until /readyz said yes. */
  startedIn: number
  /** Megabytes (10^6 bytes) that it holds in memory now, or at most so far. */
  memory: (which?: 'now' | 'peak') => number
  /** Seconds of processor time of the main thread so far: at one second a second nothing is in time any more. */
  processor: () => number
  signal: (name: NodeJS.Signals) => void
  stop: () => Promise<void>
}

export async function startKernel(
  folder: string,
  settings: Record<string, string>,
  logFile: string,
  flags: string[],
  main = build(root),
): Promise<Kernel> {
  const port = await freePort()
  const url = `http://127.0.0.1:${String(port)}`
  const began = performance.now()
  const env = {
    PATH: process.env.PATH,
    IMOK_HTTP_HOST: '127.0.0.1',
    IMOK_HTTP_PORT: String(port),
    IMOK_DATA_DIR: folder,
    IMOK_TIMEZONE: 'Europe/London',
    ...settings,
  }
  const child = spawn(process.execPath, [...flags, main], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const log = createWriteStream(logFile)
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  const isReady = (): Promise<boolean> =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  while (!(await isReady())) {
    if (child.exitCode !== null || performance.now() - began > LONGEST_START)
      throw new Error(`the kernel is not watching: ${readFileSync(logFile, 'utf8').slice(-2_000)}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const startedIn = performance.now() - began
  const proc = (file: string): string => readFileSync(`/proc/${String(child.pid)}/${file}`, 'utf8')
  return {
    url,
    startedIn,
    memory: (which = 'now') => {
      const line = new RegExp(`^${which === 'now' ? 'VmRSS' : 'VmHWM'}:\\s+(\\d+) kB`, 'm').exec(proc('status'))
      return (Number(line?.[1]) * 1024) / 1e6
    },
    processor: () => {
      const fields =
        proc(`task/${String(child.pid)}/stat`)
          .split(') ')[1]
          ?.split(' ') ?? []
      return (Number(fields[11]) + Number(fields[12])) / 100
    },
    signal: (name) => void child.kill(name),
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await gone
      log.end()
    },
  }
}
