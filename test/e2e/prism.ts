// Prism, the judge of what we send: it serves a published API description and answers 422 to what that does not allow.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { freePort } from '../support/free-port.ts'

const prism = path.join(import.meta.dirname, 'tools/node_modules/@stoplight/prism-cli/dist/index.js')

export interface Judge {
  url: string
  stop(): Promise<void>
}

export async function startPrism(description: string): Promise<Judge> {
  const port = await freePort()
  const child = spawn(process.execPath, [prism, 'mock', '-h', '127.0.0.1', '-p', String(port), description], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let said = ''
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString()
      if (said.includes('Prism is listening')) resolve()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    void ended.then(() => reject(new Error(`Prism did not start: ${said}`)))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill()
      await ended
    },
  }
}
