// As much of a homeserver as two devices need to exchange encrypted messages: no HTTP, no accounts. It remembers everything, and notices what a
// device that forgot something would do.
type Json = Record<string, unknown>
type Signing = 'master_key' | 'self_signing_key' | 'user_signing_key'
type ByUser<T> = Record<string, Record<string, T>>

interface Keys {
  device: Json
  /** Not yet claimed, by id. */
  oneTime: Map<string, unknown>
  fallback: Map<string, unknown>
}

export interface Message {
  event_id: string
  sender: string
  type: 'm.room.encrypted'
  content: { ciphertext: string; session_id: string }
  origin_server_ts: number
  room_id: string
}

export interface SyncAnswer {
  next: number
  toDevice: Json[]
  changed: string[]
  counts: Record<string, number>
  unusedFallback: string[]
  messages: Message[]
}

export class TinyHomeserver {
  /** What no device that kept its keys would have done. */
  readonly breaches: string[] = []
  readonly messages: Message[] = []
  readonly room = '!room:test'
  readonly #keys = new Map<string, Keys>()
  readonly #signing: Record<`${Signing}s`, Record<string, Json>> = {
    master_keys: {},
    self_signing_keys: {},
    user_signing_keys: {},
  }
  /** Everything ever uploaded or sent under a name that must not be used for anything else. */
  readonly #once = new Map<string, string>()
  #at = 0
  readonly #changes: { at: number; user: string }[] = []
  #toDevice: { at: number; user: string; device: string; event: Json }[] = []
  readonly #sent = new Map<string, string>()

  uploadKeys(user: string, device: string, body: { [K in 'device_keys' | 'one_time_keys' | 'fallback_keys']?: Json }) {
    const known = this.#keys.get(`${user} ${device}`)
    if (body.device_keys) {
      this.#mustBeSame(`the identity of ${user}`, JSON.stringify(body.device_keys['keys']))
      if (!known) this.#changes.push({ at: ++this.#at, user })
    }
    const keys = known ?? { device: body.device_keys ?? {}, oneTime: new Map(), fallback: new Map() }
    this.#keys.set(`${user} ${device}`, keys)
    for (const [id, key] of Object.entries(body.one_time_keys ?? {})) {
      const isNew = this.#mustBeSame(`one-time key ${id} of ${user}`, JSON.stringify((key as Json)['key']))
      if (isNew) keys.oneTime.set(id, key)
    }
    for (const [id, key] of Object.entries(body.fallback_keys ?? {})) {
      this.#mustBeSame(`fallback key ${id} of ${user}`, JSON.stringify((key as Json)['key']))
      keys.fallback = new Map([[id, key]])
    }
    return { one_time_key_counts: { signed_curve25519: keys.oneTime.size } }
  }

  uploadSigning(user: string, body: Record<Signing, Json>) {
    for (const [kind, key] of Object.entries(body) as [Signing, Json][]) {
      this.#mustBeSame(`the ${kind} of ${user}`, JSON.stringify(key['keys']))
      this.#signing[`${kind}s`][user] = key
    }
    this.#changes.push({ at: ++this.#at, user })
    return {}
  }

  uploadSignatures(user: string, body: ByUser<Json & { signatures?: ByUser<string> }>) {
    for (const [id, signed] of Object.entries(body[user] ?? {})) {
      const target = this.#keys.get(`${user} ${id}`)?.device ?? this.#signing.master_keys[user]
      const signatures = (target?.['signatures'] ?? {}) as ByUser<string>
      if (target) target['signatures'] = { [user]: { ...signatures[user], ...signed.signatures?.[user] } }
    }
    this.#changes.push({ at: ++this.#at, user })
    return { failures: {} }
  }

  query(body: { device_keys: Record<string, unknown> }) {
    const device_keys: ByUser<Json> = {}
    for (const user of Object.keys(body.device_keys)) device_keys[user] = {}
    for (const [name, { device }] of this.#keys) {
      const [user = '', id = ''] = name.split(' ')
      const devices = device_keys[user]
      if (devices) devices[id] = device
    }
    return { device_keys, ...this.#signing, failures: {} }
  }

  claim(body: { one_time_keys: ByUser<string> }) {
    const one_time_keys: ByUser<Json> = {}
    for (const [user, devices] of Object.entries(body.one_time_keys)) {
      for (const device of Object.keys(devices)) {
        const keys = this.#keys.get(`${user} ${device}`)
        const [id, key] = [...(keys?.oneTime ?? []), ...(keys?.fallback ?? [])][0] ?? []
        if (id === undefined) continue
        keys?.oneTime.delete(id)
        ;(one_time_keys[user] ??= {})[device] = { [id]: key }
      }
    }
    return { one_time_keys, failures: {} }
  }

  sendToDevice(sender: string, type: string, transaction: string, body: { messages: ByUser<Json> }) {
    if (!this.#isFirst(`${sender} to-device ${transaction}`)) return {}
    for (const [user, devices] of Object.entries(body.messages))
      for (const [device, content] of Object.entries(devices))
        this.#toDevice.push({ at: ++this.#at, user, device, event: { type, sender, content } })
    return {}
  }

  send(sender: string, transaction: string, content: Message['content']) {
    const name = `${sender} ${transaction}`
    const known = this.#sent.get(name)
    // The message index is in clear: 03 08 <varint>. Two texts under one index can be read by anybody who has both.
    const index = Buffer.from(content.ciphertext, 'base64').subarray(2, 4).toString('hex')
    this.#mustBeSame(`message ${index} of session ${content.session_id}`, content.ciphertext)
    if (known !== undefined) return { event_id: known }
    const event_id = `$${this.messages.length}`
    this.#sent.set(name, event_id)
    const rest = { type: 'm.room.encrypted', origin_server_ts: 1_700_000_000_000, room_id: this.room } as const
    this.messages.push({ event_id, sender, content, ...rest })
    return { event_id }
  }

  /** What came to a device before `since` is forgotten, as real servers do. */
  sync(user: string, device: string, since: number, from: number): SyncAnswer {
    const isOurs = (it: { user: string; device: string }): boolean => it.user === user && it.device === device
    this.#toDevice = this.#toDevice.filter((it) => !isOurs(it) || it.at > since)
    const keys = this.#keys.get(`${user} ${device}`)
    return {
      next: this.#at,
      toDevice: this.#toDevice.filter(isOurs).map(({ event }) => event),
      changed: [...new Set(this.#changes.filter(({ at }) => at > since).map((change) => change.user))],
      counts: { signed_curve25519: keys?.oneTime.size ?? 0 },
      unusedFallback: keys?.fallback.size ? ['signed_curve25519'] : [],
      messages: this.messages.slice(from),
    }
  }

  #isFirst(name: string): boolean {
    const isFirst = !this.#once.has(name)
    this.#once.set(name, '')
    return isFirst
  }

  /** True the first time. */
  #mustBeSame(name: string, what: string): boolean {
    const known = this.#once.get(name)
    if (known !== undefined && known !== what) this.breaches.push(`${name} was another one before`)
    this.#once.set(name, known ?? what)
    return known === undefined
  }
}
