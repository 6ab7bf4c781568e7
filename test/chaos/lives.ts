import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Death, Point } from './points.ts'
import { withoutSettings } from '../support/environment.ts'

const KERNEL = path.join(import.meta.dirname, 'kernel.ts')
/** Real milliseconds: how often it is asked whether it is there yet, and then for its time; how long it may take to begin. */
const ASK = 25
const LOOK = 300
const LONGEST_START = 60_000

/** What the kernel's clock showed at a real moment; the sooner the answer came, the better it is known. */
interface Sight {
  real: number
  kernel: number
  took: number
  isReady: boolean
}

/** One run of the kernel in real time. */
export interface RealLife {
  /** What its clock showed each time that it stored a message: of a life that nobody saw there is nothing else. */
  stored: { real: number; kernel: number }[]

  began: number
  answered?: number
  ready?: number
  ended?: number
  end?: string
  /** Where it stood at its end, if that was at a point. */
  point?: Point
  goesOn?: true
  /** Which of several kernels. */
  kernel?: string
  clock?: Sight
}

export interface LivesOptions {
  port: number
  folder: string
  logFile: string
  settings: Record<string, string>
  plant?: string
}

/** Starts the kernel on the same folder again and again, and ends it in the ways that a machine ends a process. */
export class Lives {
  readonly all: RealLife[] = []
  readonly troubles: string[] = []
  readonly url: string
  readonly #options: LivesOptions
  #child: ChildProcess | undefined
  #gone: Promise<void> = Promise.resolve()
  /** How, if it was us. */
  #killedAs: string | undefined

  constructor(options: LivesOptions) {
    this.#options = options
    this.url = `http://127.0.0.1:${options.port}`
  }

  get current(): RealLife | undefined {
    return this.#child ? this.all.at(-1) : undefined
  }

  /** Begins a life that ends at `death`, if that comes before somebody kills it. */
  begin(death?: Death): RealLife {
    const { folder, port, settings, plant, logFile } = this.#options
    const life: RealLife = { began: now(), stored: [] }
    const child = spawn(process.execPath, [KERNEL], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: {
        ...withoutSettings(),
        ...settings,
        IMOK_DATA_DIR: folder,
        IMOK_HTTP_HOST: '127.0.0.1',
        IMOK_HTTP_PORT: String(port),
        ...(death && { CHAOS_DEATH: `${death.point}:${death.nth}` }),
        ...(plant !== undefined && { CHAOS_PLANT: plant }),
      },
    })
    const log = createWriteStream(logFile, { flags: 'a' })
    log.write(`--- life ${this.all.length + 1}${death ? `, dies ${death.point}:${death.nth}` : ''}\n`)
    child.stdout?.pipe(log, { end: false })
    child.stderr?.pipe(log, { end: false })
    const told = child.stdio[3] as Readable
    createInterface(told).on('line', (line) => {
      const [word, real, kernel] = line.split(' ')
      if (word === 'put') life.stored.push({ real: Number(real), kernel: Number(kernel) })
    })
    this.#killedAs = undefined
    this.#child = child
    this.all.push(life)
    this.#gone = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        life.ended = now()
        life.end = this.#howItEnded(code, signal, death)
        this.#child = undefined
        resolve()
      })
      child.once('close', () => log.end())
    })
    void this.#watch(life)
    return life
  }

  #howItEnded(code: number | null, signal: string | null, death: Death | undefined): string {
    if (this.#killedAs !== undefined) return this.#killedAs
    if (signal === 'SIGKILL' && death) return death.point
    this.troubles.push(`the kernel ended by itself with ${signal ?? `code ${code ?? '?'}`}`)
    return 'by itself'
  }

  /** Kills it as the power does. */
  async kill(as = 'outside'): Promise<void> {
    if (this.#child) {
      this.#killedAs ??= as
      this.#child.kill('SIGKILL')
    }
    await this.#gone
  }

  /** Resolves when the life is over, whoever ended it. */
  over(): Promise<void> {
    return this.#gone
  }

  /** Resolves when it watches, or is dead. */
  async ready(life: RealLife): Promise<void> {
    while (isBeginning(life)) await pause(ASK)
  }

  async #watch(life: RealLife): Promise<void> {
    for (; life.ended === undefined; await pause(life.ready === undefined ? ASK : LOOK)) {
      if (life.ready === undefined) await this.#ask(life)
      const sight = await this.#look(life)
      if (sight && isBetter(sight, life.clock)) life.clock = sight
    }
  }

  async #ask(life: RealLife): Promise<void> {
    const asked = now()
    const answer = await fetch(`${this.url}/readyz`).catch(() => undefined)
    await answer?.arrayBuffer().catch(() => undefined)
    if (!isBeginning(life)) return
    if (answer) life.answered ??= now()
    if (answer?.ok) life.ready = asked
    else if (now() - life.began > LONGEST_START) {
      this.troubles.push(`the kernel did not watch within ${LONGEST_START / 1_000} s`)
      await this.kill()
    }
  }

  async #look({ ready }: RealLife): Promise<Sight | undefined> {
    const asked = now()
    try {
      const answer = await fetch(`${this.url}/simulator/board`)
      if (!answer.ok) return undefined
      const { now: shown } = (await answer.json()) as { now: string }
      const took = now() - asked
      return { real: asked + took / 2, kernel: Date.parse(shown), took, isReady: ready !== undefined }
    } catch {
      return undefined // not there, or killed while it was asked
    }
  }
}

/** While a kernel begins its clock may still be set ahead. */
const isBetter = (one: Sight, other: Sight | undefined): boolean =>
  !other || (one.isReady && !other.isReady) || (one.isReady === other.isReady && one.took < other.took)

const isBeginning = ({ ready, ended }: RealLife): boolean => ready === undefined && ended === undefined

/** The clock of this machine; at speed 1 it is the kernel's, too. */
export const now = (): number => Date.now()

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
