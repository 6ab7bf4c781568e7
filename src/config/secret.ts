import { inspect } from 'node:util'

/**
 * A password, token or key. It cannot be printed by mistake: as text, as JSON and in a debugger it reads `[hidden]`.
 * Only `reveal()` gives it out, so that a search for that word finds every place that holds one in the clear.
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  reveal(): string {
    return this.#text
  }

  toString(): string {
    return '[hidden]'
  }

  toJSON(): string {
    return '[hidden]'
  }

  [inspect.custom](): string {
    return '[hidden]'
  }
}
