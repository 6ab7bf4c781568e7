import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { StandIn } from '../../e2e/mongodb/stand-in.ts'
import { startStandIn } from '../../e2e/mongodb/stand-in.ts'
import type { WireProxy } from '../../e2e/mongodb/wire-proxy.ts'
import { startWireProxy } from '../../e2e/mongodb/wire-proxy.ts'
import type { Dice } from '../dice.ts'
import type { RealLife } from '../lives.ts'
import { freePort, now, pause } from '../lives.ts'
import type { Front } from './front.ts'
import { openFront } from './front.ts'

const KERNEL = path.join(import.meta.dirname, '../kernel.ts')

/** Longer than the lease of these kernels (`kernel.ts`), with all that is added to it. Real milliseconds. */
const OUT_OF_OFFICE = [4_500, 8_000] as const

/** Longer than the start of a kernel, and than its taking over. */
const LONGEST_TAKEOVER = 30_000

/** What happens to the kernels and what is between and under them. */
export const troubles = ['kill', 'kill-standby', 'freeze', 'cut', 'silence', 'database', 'hand-over'] as const
export type Trouble = (typeof troubles)[number]

interface Kernel {
  name: string
  port: number
  line: WireProxy
  child?: ChildProcess
  gone: Promise<unknown>
  /** Its present or last time in office. */
  life?: RealLife
  /** Frozen, or cut off from the database. */
  isAway: boolean
  isFrozen: boolean
  /** The line of its log that it wrote last of these. */
  says?: 'in office' | 'watching' | 'over'
}

export interface PairOptions {
  folder: string
  logFile: string
  /** Everything but the ports, the folders and the database's address. */
  settings: (front: Front) => Record<string, string>
}

/** Two kernels on one database, and everything that may happen to them. A life is a time in office in which the kernel can act. */
export class Pair {
  readonly all: RealLife[] = []
  readonly troubles: string[] = []
  front!: Front
  #server!: StandIn
  #kernels: Kernel[] = []
  readonly #options: PairOptions

  constructor(options: PairOptions) {
    this.#options = options
  }

  get url(): string {
    return this.front.url
  }

  /** The database, and both kernels; resolves when one watches. */
  async open(): Promise<void> {
    const { folder } = this.#options
    mkdirSync(folder, { recursive: true })
    this.#server = await startStandIn({ file: path.join(folder, 'database') })
    this.front = await openFront({ reachable: () => this.#ports(false), waits: () => this.#ports(true) })
    for (const name of ['a', 'b']) {
      const line = await startWireProxy(this.#server.port)
      this.#kernels.push({
        name,
        port: await freePort(),
        line,
        gone: Promise.resolve(),
        isAway: false,
        isFrozen: false,
      })
    }
    for (const kernel of this.#kernels) {
      this.#start(kernel)
      await this.#inOffice()
    }
  }

  async close(): Promise<void> {
    for (const kernel of this.#kernels) {
      kernel.child?.kill('SIGKILL')
      await kernel.gone
      await kernel.line.stop()
    }
    this.front.stop()
    await this.#server.stop()
  }

  #ports(areFrozen: boolean): number[] {
    return this.#kernels
      .filter(({ child, isFrozen }) => child && isFrozen === areFrozen)
      .sort((one, other) => Number(this.#isActive(other)) - Number(this.#isActive(one)))
      .map(({ port }) => port)
  }

  #isActive = ({ says }: Kernel): boolean => says === 'watching' || says === 'in office'

  get #active(): Kernel | undefined {
    return this.#kernels.find(({ says, child, isAway }) => says === 'watching' && child && !isAway)
  }

  async #inOffice(): Promise<Kernel> {
    for (const until = now() + LONGEST_TAKEOVER; ; await pause(20)) {
      const active = this.#active
      if (active) return active
      if (now() > until) {
        this.troubles.push(`nobody took office within ${String(LONGEST_TAKEOVER / 1_000)} s`)
        throw new Error('nobody in office')
      }
    }
  }

  #start(kernel: Kernel): void {
    const { folder, logFile, settings } = this.#options
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('IMOK_')))
    const child = spawn(process.execPath, [KERNEL], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: {
        ...inherited,
        ...settings(this.front),
        IMOK_MONGODB_URL: kernel.line.url('imok'),
        IMOK_DATA_DIR: path.join(folder, kernel.name),
        IMOK_HTTP_HOST: '127.0.0.1',
        IMOK_HTTP_PORT: String(kernel.port),
      },
    })
    const log = createWriteStream(logFile, { flags: 'a' })
    log.write(`--- ${kernel.name} begins\n`)
    child.stderr?.pipe(log, { end: false })
    const told = child.stdio[3] as Readable
    told.resume()
    if (child.stdout)
      createInterface(child.stdout).on('line', (line) => {
        log.write(`${kernel.name} ${line}\n`)
        this.#hear(kernel, line)
      })
    kernel.child = child
    kernel.gone = new Promise((resolve) =>
      child.once('exit', (code, signal) => {
        if (kernel.child === child && signal !== 'SIGKILL' && code !== 0)
          this.troubles.push(`kernel ${kernel.name} ended by itself with ${signal ?? `code ${String(code)}`}`)
        this.#ends(kernel, 'by itself')
        if (kernel.child === child) delete kernel.child
        delete kernel.says
        resolve(undefined)
      }),
    )
  }

  #hear(kernel: Kernel, line: string): void {
    if (line.includes('"msg":"in office"')) {
      kernel.says = 'in office'
      const before = this.all.at(-1)
      // The machine was so busy that a term lapsed: that happens outside as well.
      if (before && before.ended === undefined) Object.assign(before, { ended: now(), end: 'lapsed' })
      kernel.life = { began: now(), answered: now(), stored: [] }
      this.all.push(kernel.life)
    } else if (line.includes('"msg":"watching"')) {
      kernel.says = 'watching'
      if (kernel.life) kernel.life.ready = now()
    } else if (line.includes('another kernel has taken over')) {
      this.#ends(kernel, 'taken over')
      kernel.says = 'over'
    }
  }

  /** Nothing is to be expected of it any more. */
  #ends(kernel: Kernel, how: string): void {
    const { life } = kernel
    if (!life || life.ended !== undefined) return
    life.ended = now()
    life.end = how
  }

  async happens(trouble: Trouble, chance: Dice): Promise<void> {
    const active = await this.#inOffice()
    const standby = this.#kernels.find((kernel) => kernel !== active)
    const length = chance.between(...OUT_OF_OFFICE)
    switch (trouble) {
      case 'kill':
        await this.#kill(active)
        if (chance.chance(0.5)) await pause(chance.between(0, 4_000))
        this.#start(active)
        break
      case 'kill-standby':
        if (standby) {
          await this.#kill(standby)
          await pause(chance.between(0, 2_000))
          this.#start(standby)
        }
        break
      case 'hand-over':
        this.#ends(active, trouble)
        active.child?.kill('SIGTERM')
        await active.gone
        this.#start(active)
        break
      case 'freeze':
        this.#ends(active, trouble)
        active.isFrozen = active.isAway = true
        active.child?.kill('SIGSTOP')
        await pause(length)
        active.child?.kill('SIGCONT')
        active.isFrozen = active.isAway = false
        await this.#newOffice(active)
        break
      case 'cut':
      case 'silence':
        this.#ends(active, trouble)
        active.isAway = true
        active.line.cut(trouble === 'cut' ? 'refused' : 'silent')
        await pause(length)
        active.line.heal()
        active.isAway = false
        await this.#newOffice(active)
        break
      case 'database':
        await this.#restartDatabase(active, chance)
        break
    }
    await this.#inOffice()
  }

  async #kill(kernel: Kernel): Promise<void> {
    this.#ends(kernel, 'kill')
    kernel.child?.kill('SIGKILL')
    await kernel.gone
  }

  /** Until it has noticed that somebody else is in office, or, where nobody took it, that it still is. */
  async #newOffice(before: Kernel): Promise<void> {
    const ended = this.all.findLast((life) => life.ended !== undefined)
    for (const until = now() + LONGEST_TAKEOVER; now() < until; await pause(20)) {
      if (before.says === 'over') return
      if (this.all.at(-1) === ended && (await this.#isReady(before))) return this.#goesOn(before)
    }
    this.troubles.push('a kernel that was away did not notice what had become of its office')
  }

  /** The same kernel acts again, and nobody else did meanwhile. */
  #goesOn(kernel: Kernel): void {
    const at = now()
    kernel.life = { began: at, answered: at, ready: at, stored: [], goesOn: true }
    this.all.push(kernel.life)
  }

  async #isReady({ port }: Kernel): Promise<boolean> {
    const answer = await fetch(`http://127.0.0.1:${String(port)}/readyz`).catch(() => undefined)
    const said = (await answer?.json().catch(() => undefined)) as { ready?: boolean; role?: string } | undefined
    return said?.ready === true && said.role === 'active'
  }

  async #restartDatabase(active: Kernel, chance: Dice): Promise<void> {
    const { folder } = this.#options
    this.#ends(active, 'database')
    const { port } = this.#server
    await this.#server.stop()
    await pause(chance.between(0, 2_000))
    this.#server = await startStandIn({ file: path.join(folder, 'database'), port })
    // Whoever it is that acts afterwards: the same kernel, if nobody was faster.
    const life = this.all.at(-1)
    for (const until = now() + LONGEST_TAKEOVER; now() < until && this.all.at(-1) === life; await pause(20))
      if (await this.#isReady(active)) return this.#goesOn(active)
  }
}
