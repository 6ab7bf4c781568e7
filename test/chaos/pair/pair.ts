import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { StandIn } from '../../e2e/mongodb/stand-in.ts'
import { startStandIn } from '../../e2e/mongodb/stand-in.ts'
import { startWireProxy } from '../../e2e/mongodb/wire-proxy.ts'
import { freePort } from '../../support/free-port.ts'
import type { Dice } from '../dice.ts'
import type { Sending } from '../history.ts'
import type { RealLife } from '../lives.ts'
import { now, pause } from '../lives.ts'
import type { Point } from '../points.ts'
import { worst } from '../points.ts'
import type { Front } from './front.ts'
import { openFront } from './front.ts'
import { openDoor } from './door.ts'
import { Machine } from './machine.ts'
import type { Terms } from './terms.ts'

/** Longer than the start of a kernel, and than its taking over. */
const LONGEST_TAKEOVER = 30_000

/** What is under way is given five seconds, and Docker gives a process ten. */
const LONGEST_STOP = 15_000

/** How often a trouble waits for the worst moment, and for how long at most. Real milliseconds. */
const AT_WORST = 0.6
const WORST_WITHIN = 1_000

/** What happens to the kernels and what is between and under them. */
export const troubles = ['kill', 'kill-standby', 'freeze', 'cut', 'silence', 'database', 'hand-over'] as const
export type Trouble = (typeof troubles)[number]

export interface PairOptions {
  folder: string
  logFile: string
  terms: Terms
  /** The address of the provider of texts. */
  provider: string
  /** Everything but the ports, the folders and the database's address. */
  settings: (front: Front) => Record<string, string>
}

/** Two kernels on one database, and everything that may happen to them. A life is a time in office in which the kernel can act. */
export class Pair {
  readonly all: RealLife[] = []
  readonly troubles: string[] = []
  readonly begun: Sending[] = []
  readonly arrived: Sending[] = []
  front!: Front
  #server!: StandIn
  #kernels: Machine[] = []
  readonly #options: PairOptions

  constructor(options: PairOptions) {
    this.#options = options
  }

  get url(): string {
    return this.front.url
  }

  /** The database, and both kernels; resolves when one watches. */
  async open(): Promise<void> {
    const { folder, provider } = this.#options
    mkdirSync(folder, { recursive: true })
    this.#server = await startStandIn({ file: path.join(folder, 'database') })
    this.front = await openFront({ reachable: () => this.#ports(false), waits: () => this.#ports(true) })
    for (const name of ['a', 'b']) {
      const onText = (effect: string): void => void this.arrived.push({ kernel: name, effect, at: now() })
      const door = await openDoor(Number(new URL(provider).port), onText)
      this.#kernels.push(new Machine(name, await freePort(), await startWireProxy(this.#server.port), door))
    }
    for (const kernel of this.#kernels) {
      this.#start(kernel)
      await this.#inOffice()
    }
  }

  async close(): Promise<void> {
    for (const kernel of this.#kernels) {
      await kernel.kill()
      await kernel.line.stop()
      await kernel.door.stop()
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

  #isActive = ({ says }: Machine): boolean => says === 'watching' || says === 'in office'

  get #active(): Machine | undefined {
    return this.#kernels.find(({ says, child, isAway }) => says === 'watching' && child && !isAway)
  }

  async #inOffice(): Promise<Machine> {
    for (const until = now() + LONGEST_TAKEOVER; ; await pause(20)) {
      const active = this.#active
      if (active) return active
      if (now() > until) {
        this.troubles.push(`nobody took office within ${String(LONGEST_TAKEOVER / 1_000)} s`)
        throw new Error('nobody in office')
      }
    }
  }

  #start(kernel: Machine): void {
    const { folder, logFile, terms, settings } = this.#options
    const env = {
      ...settings(this.front),
      ...(terms.areUsual && { CHAOS_TERMS: 'usual' }),
      IMOK_DATA_DIR: path.join(folder, kernel.name),
    }
    kernel.start({
      env,
      logFile,
      onLog: (line) => this.#hear(kernel, line),
      onTold: (word, [at, effect = '']) => {
        if (word === 'send') this.begun.push({ kernel: kernel.name, effect, at: Number(at) })
      },
      onEnd: (byItself) => {
        if (byItself !== undefined) this.troubles.push(`kernel ${kernel.name} ended by itself with ${byItself}`)
        this.#ends(kernel, 'by itself')
      },
    })
  }

  #hear(kernel: Machine, line: string): void {
    if (line.includes('"msg":"in office"')) {
      kernel.says = 'in office'
      const before = this.all.at(-1)
      // The machine was so busy that a term lapsed: that happens outside as well.
      if (before && before.ended === undefined) Object.assign(before, { ended: now(), end: 'lapsed' })
      const { time } = JSON.parse(line) as { time: string }
      kernel.life = { began: Date.parse(time), answered: now(), stored: [], kernel: kernel.name }
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
  #ends({ life }: Machine, how: string, point?: Point): void {
    if (!life || life.ended !== undefined) return
    life.ended = now()
    life.end = how
    if (point !== undefined) life.point = point
  }

  /** `at`: where the kernel stands then, if it comes there soon. */
  async happens(trouble: Trouble, chance: Dice, at?: Point): Promise<void> {
    const active = await this.#inOffice()
    const length = chance.between(...this.#options.terms.away)
    if (trouble === 'kill-standby') return this.#killStandby(active, chance)
    // It stands still in the middle of a send while it befalls it, or it may be anywhere.
    const point = at ?? (chance.chance(AT_WORST) ? chance.pick(worst) : undefined)
    const stoodAt = point && (await active.standStill(point, WORST_WITHIN)) ? point : undefined
    this.#ends(active, trouble, stoodAt)
    switch (trouble) {
      case 'kill':
        await active.kill()
        if (chance.chance(0.5)) await pause(chance.between(0, 4_000))
        this.#start(active)
        break
      case 'hand-over':
        active.signal('SIGTERM')
        active.goOn()
        await this.#stops(active)
        this.#start(active)
        break
      case 'freeze':
        active.isFrozen = active.isAway = true
        active.signal('SIGSTOP')
        await pause(length)
        active.goOn()
        active.isFrozen = active.isAway = false
        await this.#newOffice(active)
        break
      case 'cut':
      case 'silence':
        active.isAway = true
        active.line.cut(trouble === 'cut' ? 'refused' : 'silent')
        active.goOn()
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

  /** Told to stop it ends soon, or something in it waits for ever. */
  async #stops(kernel: Machine): Promise<void> {
    const end = await Promise.race([kernel.gone, pause(LONGEST_STOP).then(() => 'not' as const)])
    if (end !== 'not') return
    this.troubles.push(`a kernel that was told to stop had not ended after ${String(LONGEST_STOP / 1_000)} s`)
    await kernel.kill()
  }

  async #killStandby(active: Machine, chance: Dice): Promise<void> {
    const standby = this.#kernels.find((kernel) => kernel !== active)
    if (!standby) return
    this.#ends(standby, 'kill')
    await standby.kill()
    await pause(chance.between(0, 2_000))
    this.#start(standby)
    await this.#inOffice()
  }

  /** Until it has noticed that somebody else is in office, or, where nobody took it, that it still is. */
  async #newOffice(before: Machine): Promise<void> {
    const ended = this.all.findLast((life) => life.ended !== undefined)
    for (const until = now() + LONGEST_TAKEOVER; now() < until; await pause(20)) {
      if (before.says === 'over') return
      if (this.all.at(-1) === ended && (await before.acts()) && this.all.at(-1) === ended) return this.#goesOn(before)
    }
    this.troubles.push('a kernel that was away did not notice what had become of its office')
  }

  /** The same kernel acts again, and nobody else did meanwhile. */
  #goesOn(kernel: Machine): void {
    const at = now()
    kernel.life = { began: at, answered: at, ready: at, stored: [], kernel: kernel.name, goesOn: true }
    this.all.push(kernel.life)
  }

  async #restartDatabase(active: Machine, chance: Dice): Promise<void> {
    const { folder } = this.#options
    const { port } = this.#server
    await this.#server.stop()
    active.goOn()
    await pause(chance.between(0, 2_000))
    this.#server = await startStandIn({ file: path.join(folder, 'database'), port })
    // Whoever it is that acts afterwards: the same kernel, if nobody was faster.
    const life = this.all.at(-1)
    for (const until = now() + LONGEST_TAKEOVER; now() < until && this.all.at(-1) === life; await pause(20))
      if ((await active.acts()) && this.all.at(-1) === life) return this.#goesOn(active)
  }
}
