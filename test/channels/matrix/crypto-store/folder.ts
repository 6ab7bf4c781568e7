// A crypto store in a folder of its own, for one test.
import { createSecretKey } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeSeal } from '../../../../src/crypto/seal.ts'
import type { CryptoStore, CryptoStoreOptions } from '../../../../src/channels/matrix/crypto-store/open-crypto-store.ts'
import { openCryptoStore } from '../../../../src/channels/matrix/crypto-store/open-crypto-store.ts'

export const testSeal = makeSeal(createSecretKey(Buffer.alloc(32, 'of no value at all')))

export class Folder {
  readonly #parent = mkdtempSync(join(tmpdir(), 'imok-crypto-'))
  readonly path = join(this.#parent, 'matrix')
  readonly failures: string[] = []
  #copies = 0
  #open: CryptoStore | undefined

  /** As a new process would, after the last one ended. */
  async open(options: Partial<CryptoStoreOptions> = {}): Promise<CryptoStore> {
    this.#open?.close()
    this.#open = undefined
    const onFailure = (code: string): void => void this.failures.push(code)
    this.#open = await openCryptoStore({ folder: this.path, seal: testSeal, onFailure, ...options })
    return this.#open
  }

  /** The folder as a kill would leave it at this moment. */
  copy(): string {
    const path = join(this.#parent, `copy-${++this.#copies}`)
    cpSync(this.path, path, { recursive: true })
    return path
  }

  /** Another folder beside it. */
  beside(name: string): string {
    return join(this.#parent, name)
  }

  remove(): void {
    this.#open?.close()
    rmSync(this.#parent, { recursive: true })
  }
}
