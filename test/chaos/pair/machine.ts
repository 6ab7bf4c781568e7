import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { WireProxy } from '../../e2e/mongodb/wire-proxy.ts'
import type { RealLife } from '../lives.ts'
import { now, pause } from '../lives.ts'
import type { Point } from '../points.ts'
import type { Door } from './door.ts'
import { withoutSettings } from '../../support/environment.ts'

const KERNEL = path.join(import.meta.dirname, '../kernel.ts')

/** Real milliseconds that what a kernel says may take to be heard. */
const HEARD = 200
/** And that it takes to answer at the longest. */
const LONGEST_ANSWER = 2_000

/** What a kernel is started with, and who hears what it says. */
export interface Start {
  env: Record<string, string>
  logFile: string
  /** A line of its log. */
  onLog: (line: string) => void
  /** A line that it tells us (telling.ts). */
  onTold: (word: string, more: string[]) => void
  /** It is gone; `byItself`: how, if nobody killed it. */
  onEnd: (byItself: string | undefined) => void
}

/** One of several kernels, and its ways to the database and the provider. */
export class Machine {
  readonly name: string
  readonly port: number
  readonly line: WireProxy
  readonly door: Door
  child: ChildProcess | undefined
  gone: Promise<void> = Promise.resolve()
  /** Its present or last time in office. */
  life: RealLife | undefined
  /** Frozen, or cut off from the database. */
  isAway = false
  isFrozen = false
  /** The line of its log that it wrote last of these. */
  says: 'in office' | 'watching' | 'over' | undefined
  #hasStopped = false
  #isAwaited = false

  constructor(name: string, port: number, line: WireProxy, door: Door) {
    this.name = name
    this.port = port
    this.line = line
    this.door = door
  }

  start({ env, logFile, onLog, onTold, onEnd }: Start): void {
    const child = spawn(process.execPath, [KERNEL], {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
      env: {
        ...withoutSettings(),
        ...env,
        IMOK_MONGODB_URL: this.line.url('imok'),
        IMOK_TWILIO_API_URL: `http://127.0.0.1:${String(this.door.port)}`,
        IMOK_HTTP_HOST: '127.0.0.1',
        IMOK_HTTP_PORT: String(this.port),
      },
    })
    const log = createWriteStream(logFile, { flags: 'a' })
    log.write(`--- ${this.name} begins\n`)
    // It may die before it reads what it is told.
    for (const way of [child.stdin, child.stdio[4] as Writable]) way.on('error', () => undefined)
    child.stderr.pipe(log, { end: false })
    createInterface(child.stdio[3] as Readable).on('line', (line) => {
      const [word = '', ...more] = line.split(' ')
      if (word !== 'stop') onTold(word, more)
      else if (this.#isAwaited) this.#hasStopped = true
      else this.#release() // too late
    })
    createInterface(child.stdout).on('line', (line) => {
      log.write(`${this.name} ${line}\n`)
      onLog(line)
    })
    this.child = child
    this.#hasStopped = false
    this.gone = new Promise((resolve) =>
      child.once('exit', (code, signal) => {
        const isExpected = this.child !== child || signal === 'SIGKILL' || code === 0
        onEnd(isExpected ? undefined : (signal ?? `code ${String(code)}`))
        if (this.child === child) this.child = undefined
        this.says = undefined
        resolve()
      }),
    )
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal)
  }

  /** As the power does. */
  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.gone
  }

  /** Lets it stand still when it next passes this point, if it does within `ms`; false if it did not. `goOn` ends it. */
  async standStill(point: Point, ms: number): Promise<boolean> {
    this.#isAwaited = true
    const until = now() + ms
    this.child?.stdin?.write(`${point} ${String(until)}\n`)
    while (!this.#isStill() && now() < until + HEARD) await pause(2)
    this.#isAwaited = false
    return this.#isStill()
  }

  #isStill = (): boolean => this.#hasStopped

  /** Whatever it stands still for. */
  goOn(): void {
    this.signal('SIGCONT')
    if (this.#hasStopped) this.#release()
    this.#hasStopped = false
  }

  #release(): void {
    const way = this.child?.stdio[4] as Writable | undefined
    way?.write('.')
  }

  /** It acts, says so, and can read what is in the database: that it is away is not noticed at once. */
  async acts(): Promise<boolean> {
    const [readyz, list] = await Promise.all(['readyz', 'simulator/messages?after=1000000'].map((it) => this.#ask(it)))
    const said = readyz as { ready?: boolean; role?: string } | undefined
    return said?.ready === true && said.role === 'active' && list !== undefined
  }

  async #ask(path: string): Promise<unknown> {
    try {
      const signal = AbortSignal.timeout(LONGEST_ANSWER)
      const answer = await fetch(`http://127.0.0.1:${String(this.port)}/${path}`, { signal })
      return answer.ok ? await answer.json() : undefined
    } catch {
      return undefined
    }
  }
}
