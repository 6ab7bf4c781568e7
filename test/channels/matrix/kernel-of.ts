// One of several kernels: its whole way into the room, over a real connection, without anything on a disk.
import type { OlmMachine } from '@matrix-org/matrix-sdk-crypto-wasm'
import { DeviceId, OlmMachine as Machine, UserId } from '@matrix-org/matrix-sdk-crypto-wasm'
import { createAttempt } from '../../../src/app/attempt.ts'
import { matrixRoom } from '../../../src/channels/matrix/channel.ts'
import { systemClock } from '../../../src/clock/system-clock.ts'
import type { Effect, Outcome } from '../../../src/core/effect.ts'
import type { Group } from '../../../src/core/group/group.ts'
import type { Duration } from '../../../src/core/time.ts'
import { SECOND } from '../../../src/core/time.ts'
import type { Room } from '../../../src/ports/channel.ts'
import type { Clock } from '../../../src/ports/clock.ts'
import type { Documents } from '../../../src/ports/store.ts'
import { memoryInbox, silent } from '../../support/memory-ports.ts'
import { memoryValues } from '../../support/memory-values.ts'
import { connectingTo, texts } from './connecting-to.ts'

/** What a term in office leaves for one attempt, at most: ten seconds, less half a second. */
const MOST: Duration = 9.5 * SECOND

export class Kernel {
  isActing: boolean
  readonly values = memoryValues()
  readonly #url: string
  readonly #documents: Documents
  readonly #clock: Clock
  #machine: OlmMachine | undefined
  room: Room

  /** `clock`: what the channel waits by. The attempt has real time. */
  constructor(
    url: string,
    documents: Documents,
    { isActing = false, clock = systemClock() }: { isActing?: boolean; clock?: Clock } = {},
  ) {
    this.#url = url
    this.#documents = documents
    this.#clock = clock
    this.isActing = isActing
    this.room = this.#open()
  }

  #open(): Room {
    return matrixRoom({
      ...connectingTo(this.#url, this.#documents),
      openVault: async () => ({
        ...this.values,
        machine: async ({ userId, deviceId }) =>
          (this.#machine ??= await Machine.initialize(new UserId(userId), new DeviceId(deviceId))),
        together: (work) => work(),
        mayBeBehind: false,
        durable: async () => undefined,
        afloat: () => undefined,
        mend: async () => true,
        failed: () => undefined,
        close: async () => undefined,
      }),
      isActing: () => this.isActing,
      maySpeak: () => this.isActing,
      inbox: memoryInbox(),
      clock: this.#clock,
    })
  }

  /** It is in the room, and has read what was said. */
  async connected(): Promise<void> {
    await (this.isActing ? this.room.start?.() : this.room.standBy?.())
    await this.room.readBack?.()
  }

  /** Takes office as the restart order has it: what was said meanwhile is read before anything is sent. */
  async takesOver(): Promise<void> {
    this.isActing = true
    await this.connected()
  }

  /** The same machine, begun anew. */
  again(): void {
    this.room = this.#open()
  }

  /** One attempt at an alarm. `inDoubt`: the kernel before us had claimed it, and perhaps sent it. */
  attempt(id: string, { inDoubt = true, most = MOST } = {}): Promise<Outcome> {
    const fence = { left: () => most + SECOND / 2, isOurs: () => true, isCutOff: () => false, prove: async () => true }
    const attempt = createAttempt({
      ...{ channels: new Map(), room: this.room, texts, language: 'en', longest: 20 * SECOND, fence },
      ...{ clock: systemClock(), log: silent.log, idInRoom: ({ id }: Effect) => id, office: { epoch: 2 } },
    })
    const effect = {
      ...{ id, urgency: 'alert', recipient: { to: 'room' }, purpose: 'alert', body: [{ key: id, params: {} }] },
      ...{ state: 'claimed', createdAt: Date.now(), notBefore: 0, attempts: 1, ...(inDoubt && { doubtSince: 1 }) },
    } as unknown as Effect
    return attempt({ effects: [effect] } as unknown as Group, effect, 'room')
  }
}
