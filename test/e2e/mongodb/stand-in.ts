// A server that speaks MongoDB's protocol, started and stopped by tests. There is no real one to be had where these tests run.
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from '../../support/free-port.ts'
import { lib } from './stand-in-home.mjs'

export interface StandIn {
  port: number
  /** The address of one of its databases. */
  url: (database: string) => string
  /** Ends as a machine without power does. */
  kill: () => Promise<void>
  stop: () => Promise<void>
}

/** `file`: where it keeps what it knows, in H2; without one in memory. `isOld`: it is too old for us, and says so. */
export async function startStandIn(options: { file?: string; port?: number; isOld?: boolean } = {}): Promise<StandIn> {
  const { file, isOld = false } = options
  const port = options.port ?? (await freePort())
  const child = spawn(
    'java',
    ['-Xmx512m', '-cp', `${lib}:${lib}/*`, 'StandIn', String(port), ...(file === undefined ? [] : [file])],
    { stdio: ['pipe', 'pipe', 'ignore'], env: { ...process.env, ...(isOld && { OLD: '1' }) } },
  )
  const opened = await portOf(child)
  const gone = once(child, 'exit')
  return {
    port: opened,
    url: (database) => `mongodb://127.0.0.1:${String(opened)}/${database}`,
    kill: async () => {
      child.kill('SIGKILL')
      await gone
    },
    stop: async () => {
      child.stdin.end()
      await gone
    },
  }
}

async function portOf(child: ChildProcess & { stdout: NodeJS.ReadableStream }): Promise<number> {
  const failed = once(child, 'exit').then(() => {
    throw new Error('the stand-in for MongoDB did not start')
  })
  const [line] = (await Promise.race([once(child.stdout, 'data'), failed])) as [Buffer]
  failed.catch(() => undefined)
  return Number(line.toString().trim())
}
