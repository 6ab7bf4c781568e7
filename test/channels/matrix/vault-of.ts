// A kernel whose keys lie in a folder, on a disk that a test fills up and kills.
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { matrixRoom } from '../../../src/channels/matrix/channel.ts'
import { openVault } from '../../../src/channels/matrix/open-vault.ts'
import type { Hook } from '../../../src/channels/matrix/crypto-store/segments.ts'
import { systemClock } from '../../../src/clock/system-clock.ts'
import type { Room } from '../../../src/ports/channel.ts'
import type { Documents } from '../../../src/ports/store.ts'
import { memoryInbox } from '../../support/memory-ports.ts'
import { testSeal } from './crypto-store/folder.ts'
import { connectingTo } from './connecting-to.ts'

export class OnDisk {
  readonly inbox = memoryInbox()
  /** What the disk says to every write from now on. */
  trouble: string | undefined
  readonly #url: string
  readonly #documents: Documents
  readonly #parent = mkdtempSync(join(tmpdir(), 'imok-afloat-'))
  #folder = join(this.#parent, 'matrix')
  #lives = 0
  room: Room

  constructor(url: string, documents: Documents) {
    this.#url = url
    this.#documents = documents
    this.room = this.#open()
  }

  #open(): Room {
    const folder = this.#folder
    const hook: Hook = (point) => {
      const isWrite = point === 'append:written' || point === 'mend:start'
      if (isWrite && this.trouble !== undefined && folder === this.#folder)
        throw Object.assign(new Error('trouble'), { code: this.trouble })
    }
    return matrixRoom({
      ...connectingTo(this.#url, this.#documents),
      openVault: (onFailure) => openVault({ folder, seal: testSeal, onFailure, hook }),
      inbox: this.inbox,
      clock: systemClock(),
    })
  }

  /** It is in the room, has read what was said, and waits for more. */
  async connected(): Promise<void> {
    await this.room.start?.()
    await this.room.readBack?.()
  }

  /** A new process finds what the disk has at this moment, and memory is gone. */
  async crash(): Promise<void> {
    const left = join(this.#parent, `life ${String(++this.#lives)}`)
    cpSync(this.#folder, left, { recursive: true })
    this.#folder = left
    await this.room.stop?.()
    this.room = this.#open()
  }

  async restart(): Promise<void> {
    await this.room.stop?.()
    this.room = this.#open()
  }

  async end(): Promise<void> {
    await this.room.stop?.()
    rmSync(this.#parent, { recursive: true })
  }
}
