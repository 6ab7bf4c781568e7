import * as fs from 'node:fs'
import path from 'node:path'
import { frame, readFrames } from '../../../crypto/frames.ts'
import type { DocumentSeal, Seal } from '../../../crypto/seal.ts'

/** Bytes below which a journal is not worth writing anew. */
const SMALL = 4 * 1024 * 1024

/** Named moments of a write, for tests that let the process die there. What a hook throws is taken for an error of the disk. */
export type Hook = (point: 'start' | 'written' | 'durable' | 'snapshot' | 'renamed' | 'compacted') => void

export interface JournalOptions {
  folder: string
  seal: Seal
  /** Entries that make the present state out of nothing. */
  snapshot: () => Iterable<string>
  hook?: Hook
}

/**
 * An append-only file of sealed entries, written and synced before `append` returns: the crypto library's transaction is complete
 * when it does, and nothing may come between (design/matrix.md). Written anew when most of it is history. The number in a file's
 * name is part of what it is sealed with, so no record of an older file can stand in a newer one.
 */
export class CryptoJournal {
  readonly #options: JournalOptions
  #number: number
  #file: number
  #end: number
  #seal: DocumentSeal
  /** A half-finished compaction could not be taken back. */
  #isBroken = false
  /** Of the last snapshot: how much of the file is no history. */
  #live: number

  private constructor(options: JournalOptions, number: number, file: number, end: number) {
    this.#options = options
    this.#number = number
    this.#file = file
    this.#end = end
    this.#live = end
    this.#seal = options.seal.of(sealName(number))
  }

  /** Reads what is there, entry by entry, and opens it for more. A torn tail is cut off: nobody was told of it. */
  static open(options: JournalOptions, each: (entry: string) => void): { journal: CryptoJournal; damaged: boolean } {
    const { folder, seal } = options
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
    syncFolder(path.dirname(folder))
    const numbers = tidy(folder)
    const number = numbers.at(-1) ?? 1
    const name = fileName(folder, number)
    const file = fs.openSync(name, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600)
    const { end, damaged } = readFrames(fs.readFileSync(file), seal.of(sealName(number)), each)
    if (!damaged) fs.ftruncateSync(file, end)
    // What a killed process wrote and did not sync was read just now, so from now on it must last.
    fs.fsyncSync(file)
    syncFolder(folder)
    return { journal: new CryptoJournal(options, number, file, end), damaged }
  }

  get size(): number {
    return this.#end
  }

  /** Durable when it returns. Throws Node's error of the disk; what was written of it is cut off at the next opening. */
  append(entry: string): void {
    if (this.#isBroken) throw Object.assign(new Error('a newer file stands beside this one'), { code: 'EIO' })
    const { hook, seal } = this.#options
    const bytes = frame(this.#seal, seal.keyId, this.#end, entry)
    hook?.('start')
    write(this.#file, bytes, this.#end)
    hook?.('written')
    fs.fdatasyncSync(this.#file)
    hook?.('durable')
    this.#end += bytes.length
  }

  /** Whether most of the file is history. */
  isWorthCompacting(): boolean {
    return this.#end > SMALL && this.#end > 3 * this.#live
  }

  /** Writes the present state into a new file, and goes on there. */
  compact(): void {
    const { folder, seal, hook, snapshot } = this.#options
    const number = this.#number + 1
    const name = fileName(folder, number)
    const draft = `${name}.tmp`
    const file = fs.openSync(draft, fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_TRUNC, 0o600)
    const own = seal.of(sealName(number))
    let end = 0
    try {
      for (const entry of snapshot()) {
        const bytes = frame(own, seal.keyId, end, entry)
        write(file, bytes, end)
        end += bytes.length
      }
      fs.fdatasyncSync(file)
      hook?.('snapshot')
      fs.renameSync(draft, name)
      hook?.('renamed')
      syncFolder(folder)
    } catch (error) {
      fs.closeSync(file)
      // A newer file would count at the next opening, and all that is appended from now on would not.
      this.#isBroken = true
      for (const left of [draft, name]) fs.rmSync(left, { force: true })
      syncFolder(folder)
      this.#isBroken = false
      throw error
    }
    fs.closeSync(this.#file)
    fs.rmSync(fileName(folder, this.#number), { force: true })
    this.#number = number
    this.#file = file
    this.#seal = own
    this.#end = end
    this.#live = end
    hook?.('compacted')
  }

  close(): void {
    fs.closeSync(this.#file)
  }
}

const sealName = (number: number): string => `matrix-crypto/${String(number)}`
const fileName = (folder: string, number: number): string =>
  path.join(folder, `${String(number).padStart(8, '0')}.journal`)

/** The number of the file that counts, last: a draft was never finished, and an older file stands for what the newer one holds. */
function tidy(folder: string): number[] {
  const files = fs.readdirSync(folder)
  for (const file of files.filter((name) => name.endsWith('.tmp'))) fs.rmSync(path.join(folder, file), { force: true })
  const numbers = files
    .filter((name) => /^\d{8}\.journal$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b)
  for (const old of numbers.slice(0, -1)) fs.rmSync(fileName(folder, old), { force: true })
  return numbers
}

function write(file: number, bytes: Buffer, at: number): void {
  for (let done = 0; done < bytes.length;) {
    const written = fs.writeSync(file, bytes, done, bytes.length - done, at + done)
    if (written === 0) throw Object.assign(new Error('wrote nothing'), { code: 'EIO' })
    done += written
  }
}

function syncFolder(folder: string): void {
  const handle = fs.openSync(folder, 'r')
  try {
    fs.fsyncSync(handle)
  } finally {
    fs.closeSync(handle)
  }
}
