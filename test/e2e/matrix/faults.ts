// What a proxy can do to the requests that pass through it.

/** A request as the proxy got it. */
export interface Passing {
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** Parsed, if it was JSON. */
  readonly body: unknown
  /** The access token, '' without one. */
  readonly token: string
}

export type Fault =
  /** The connection is reset; the server never hears of the request. */
  | { readonly kind: 'cut' }
  /** The server does it, and the connection is reset instead of its reply. */
  | { readonly kind: 'drop-reply' }
  /** Neither passed on nor answered; reset when the rule is off. */
  | { readonly kind: 'hang' }
  /** The server does it; its reply is held back until the rule is off. */
  | { readonly kind: 'hold-reply' }
  /** Passed on so much later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Answered by the proxy: 429, 500, a page of HTML, whatever. A string is sent as it is, anything else as JSON. */
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly body?: unknown
      readonly headers?: Readonly<Record<string, string>>
    }
  /** The server's JSON answer (of a 200) is replaced by what this returns. */
  | { readonly kind: 'rewrite'; readonly change: (answer: unknown, request: Passing) => unknown }

export interface Rule {
  /** Any, if absent. */
  readonly method?: string
  /** Tested on path and query, which are percent-encoded as the client sent them. */
  readonly path: RegExp
  /** Only the requests with this access token. */
  readonly token?: string
  /** How many requests it applies to; default: all until off(). */
  readonly times?: number
  readonly fault: Fault
}

export interface RunningRule {
  /** The requests it has been applied to. */
  readonly hits: readonly Passing[]
  /** Resolves when it has been applied `times` times (default 1), at once if it has. Rejects after `longest` ms (default 20,000). */
  hit(times?: number, longest?: number): Promise<void>
  /** Ends it: hanging requests are reset, held replies go out. */
  off(): void
}

/** 429 as Synapse says it. */
export const tooMany = (retryAfter: number): Fault => ({
  kind: 'answer',
  status: 429,
  body: { errcode: 'M_LIMIT_EXCEEDED', error: 'Too Many Requests', retry_after_ms: retryAfter },
})

/** A broken server. */
export const broken: Fault = {
  kind: 'answer',
  status: 500,
  body: { errcode: 'M_UNKNOWN', error: 'Internal server error' },
}

/** One rule at work; the proxy calls take() for each request that comes. */
export class ActiveRule implements RunningRule {
  readonly hits: Passing[] = []
  readonly rule: Rule
  readonly #watchers = new Set<() => void>()
  /** Resolves when the rule is off. */
  readonly over: Promise<void>
  #isOff = false
  #end: () => void = () => undefined

  constructor(rule: Rule) {
    this.rule = rule
    this.over = new Promise((resolve) => (this.#end = resolve))
  }

  /** Whether it applies to a request, which then counts as hit. */
  take(request: Passing): boolean {
    const { method, path, token, times = Infinity } = this.rule
    const applies =
      !this.#isOff &&
      this.hits.length < times &&
      (method === undefined || method === request.method) &&
      (token === undefined || token === request.token) &&
      path.test(request.path)
    if (applies) {
      this.hits.push(request)
      for (const look of [...this.#watchers]) look()
    }
    return applies
  }

  hit(times = 1, longest = 20_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (this.hits.length < times) return
        this.#watchers.delete(look)
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        this.#watchers.delete(look)
        reject(new Error(`${String(this.rule.path)} was hit ${this.hits.length} times in ${longest} ms, not ${times}`))
      }, longest)
      this.#watchers.add(look)
      look()
    })
  }

  off(): void {
    this.#isOff = true
    this.#end()
  }
}
