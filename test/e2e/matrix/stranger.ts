// A program nobody here wrote, as a child process: JSON lines in, JSON lines out.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const TAIL = 4000 // characters of its log in an error

/** Said by the program on its own account. */
export type Said = Readonly<Record<string, unknown>>

export interface Stranger {
  /** Gives it a command and waits for the answer; throws CommandFailed, or that the program has ended. */
  ask(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>
  /** The end of what it wrote to standard error. */
  log(): string
  /** Ends it at once; what it left undone stays undone. */
  stop(): Promise<void>
}

/** The program said no: `errcode` is Matrix's, '' where the trouble was its own. */
export class CommandFailed extends Error {
  readonly errcode: string
  readonly status: number
  constructor(command: string, { message, errcode, status }: { message: string; errcode: string; status: number }) {
    super(`${command}: ${message}`)
    this.errcode = errcode
    this.status = status
  }
}

type Answer =
  | { readonly id: number; readonly ok: unknown }
  | { readonly id: number; readonly failed: { message: string; errcode: string; status: number } }

/** Starts a program; `hear` gets what it says without being asked. It ends when its standard input does. */
export function startStranger(file: string, args: readonly string[], hear: (said: Said) => void): Stranger {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const waiting = new Map<number, { command: string; resolve(value: unknown): void; reject(error: Error): void }>()
  let asked = 0
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-TAIL)))
  child.stdin.on('error', () => undefined) // it has ended: 'close' below tells whoever waits

  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = JSON.parse(line) as Answer | Said
    if (typeof said['id'] !== 'number') return hear(said)
    const answer = said as Answer
    const asker = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('failed' in answer) asker?.reject(new CommandFailed(asker.command, answer.failed))
    else asker?.resolve(answer.ok)
  })
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  child.once('error', (error) => (log += error.message))
  void gone.then(() => {
    for (const { command, reject } of waiting.values()) reject(new Error(`${command}: ${file} has ended:\n${log}`))
    waiting.clear()
  })

  return {
    ask(command, args = {}) {
      if (child.exitCode !== null || child.signalCode !== null)
        return Promise.reject(new Error(`${command}: ${file} has ended:\n${log}`))
      const id = ++asked
      return new Promise((resolve, reject) => {
        waiting.set(id, { command, resolve, reject })
        child.stdin.write(`${JSON.stringify({ id, do: command, with: args })}\n`)
      })
    },
    log: () => log,
    async stop() {
      child.kill('SIGKILL')
      await gone
    },
  }
}
