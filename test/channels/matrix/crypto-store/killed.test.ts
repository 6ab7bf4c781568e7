import { expect } from 'chai'
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { seededRandom } from '../../../support/seeded-random.ts'
import { TinyHomeserver } from '../../../support/tiny-homeserver.ts'
import { Folder } from './folder.ts'

const users = ['@asha:test', '@imok:test'] as const
type User = (typeof users)[number]
/** However slow the machine is, so often; about 20 s on two busy cores. */
const KILLS = 30

/** Two devices' homeserver, and what stays of them when they are killed: what they still have to write, and what they have read. */
class World {
  readonly server = new TinyHomeserver()
  readonly #written = new Map<string, string>()
  readonly read = new Map<string, Set<string>>()
  readonly failures: string[] = []
  readonly deaths = { inTheStore: 0, betweenRequests: 0, none: 0 }
  readonly #children = new Set<ChildProcess>()
  readonly #folder = new Folder()
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  /** One life of a device. Ends by itself, or is killed at a random step of its store or of its talk with the server. */
  async live(user: User, turns: number, isKilled: boolean): Promise<void> {
    const upTo = (n: number): number => 1 + Math.floor(this.#random() * n)
    const dieAt = isKilled && this.#random() < 0.7 ? upTo(90) : 0
    let left = isKilled && dieAt === 0 ? upTo(30) : Infinity
    const peer = users.find((other) => other !== user) ?? ''
    const args = [this.#folder.beside(user), user, peer, String(dieAt), String(turns)]
    const child = fork(join(import.meta.dirname, 'device.ts'), args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    this.#children.add(child)
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (said += data.toString()))
    child.on('message', ({ id, what, args: given }: { id: number; what: string; args: unknown[] }) => {
      // Half of those that die here are heard, and half are not.
      if (--left === 0 && upTo(2) === 1) return void child.kill('SIGKILL')
      const answer = this.#answer(user, what, given)
      if (left <= 0) child.kill('SIGKILL')
      else child.send({ id, answer }, () => undefined)
    })
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
    this.#children.delete(child)
    if (signal === 'SIGKILL') this.deaths[dieAt ? 'inTheStore' : 'betweenRequests']++
    else this.deaths.none++
    if (signal === null && code !== 0) this.failures.push(`${user} ended with ${String(code)}: ${said}`)
    else if (said) this.failures.push(`${user} said: ${said}`)
  }

  dispose(): void {
    for (const child of this.#children) child.kill('SIGKILL')
    this.#folder.remove()
  }

  #answer(user: User, what: string, args: unknown[]): unknown {
    if (what === 'toWrite') {
      const id = String([...this.#written.keys()].filter((name) => name.startsWith(user)).length)
      return { id, text: `${id} of ${user}` }
    }
    if (what === 'read') {
      const [, event, text] = args as [string, string, string]
      const texts = this.read.get(`${user} ${event}`) ?? new Set()
      this.read.set(`${user} ${event}`, texts.add(text))
      return {}
    }
    const server = this.server as unknown as Record<string, (...given: unknown[]) => unknown>
    const answer = server[what]?.call(this.server, ...args)
    if (what === 'send') this.#written.set(`${user} ${String(args[1])}`, (answer as { event_id: string }).event_id)
    return answer
  }

  /** What somebody has not read, or has read as anything but what was written. */
  misread(): string[] {
    const texts = new Map([...this.#written].map(([name, event]) => [event, name.split(' ').toReversed().join(' of ')]))
    return users.flatMap((user) =>
      this.server.messages.flatMap(({ event_id }) => {
        const [found, wanted] = [[...(this.read.get(`${user} ${event_id}`) ?? ['nothing'])], texts.get(event_id)]
        return found.length === 1 && found[0] === wanted
          ? []
          : [`${user} read ${found.join(' and ')} in ${event_id}, which says ${String(wanted)}`]
      }),
    )
  }
}

// Not inside the wasm's receiving of room keys: see `killed-in-a-sync.test.ts`.
describe('two devices that are killed over and over', function () {
  this.timeout(60_000)
  const seed = Number(process.env['IMOK_TEST_SEED'] ?? Date.now() % 1_000_000)

  it(`stay who they are, give no key away twice, and read every message (IMOK_TEST_SEED=${seed})`, async () => {
    const world = new World(seededRandom(seed))
    try {
      const { deaths, server } = world
      const lives = async (user: User): Promise<void> => {
        while (
          deaths.inTheStore < KILLS * 0.5 ||
          deaths.betweenRequests < KILLS * 0.2 ||
          server.messages.length < KILLS
        )
          await world.live(user, 8, true)
      }
      await Promise.all(users.map(lives))
      for (const user of users) await world.live(user, 2, false)
      for (const user of users) await world.live(user, 0, false)
      const kills = deaths.inTheStore + deaths.betweenRequests
      console.log(`      ${server.messages.length} messages, ${kills} kills`)
      expect(world.failures.join('\n')).to.equal('')
      expect(server.breaches).to.deep.equal([])
      expect(world.misread()).to.deep.equal([])
    } finally {
      world.dispose()
    }
  })
})
