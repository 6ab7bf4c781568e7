/** The last `size` bodies that were used, as JSON text: whoever reads one parses a copy of their own. */
export class Recent {
  readonly #size: number
  readonly #texts = new Map<string, { version: number; text: string }>()

  constructor(size: number) {
    this.#size = size
  }

  get(id: string, version: number): string | undefined {
    const found = this.#texts.get(id)
    if (found?.version !== version) return undefined
    this.#texts.delete(id)
    this.#texts.set(id, found)
    return found.text
  }

  set(id: string, version: number, text: string): void {
    this.#texts.delete(id)
    this.#texts.set(id, { version, text })
    if (this.#texts.size <= this.#size) return
    for (const oldest of this.#texts.keys()) {
      this.#texts.delete(oldest)
      break
    }
  }

  delete(id: string): void {
    this.#texts.delete(id)
  }
}
