// The end-to-end keys of a homeserver in memory. Signatures are checked as Synapse checks them.
import { createPublicKey, verify } from 'node:crypto'
import { MatrixFailure } from '../../src/channels/matrix/failure.ts'

export interface Signed {
  keys: Record<string, string>
  signatures?: Record<string, Record<string, string>>
  user_id?: string
  device_id?: string
}
type ByUser<Kept> = Map<string, Kept>
interface Identity {
  master_key: Signed
  self_signing_key: Signed
  user_signing_key: Signed
}

const refused = (status: number, code: string): MatrixFailure => new MatrixFailure('answered', status, code)

export class FakeKeys {
  readonly #devices: ByUser<Map<string, Signed>> = new Map()
  readonly #identities: ByUser<Identity> = new Map()
  /** By user and device, then by key id. */
  readonly #oneTime = new Map<string, Map<string, unknown>>()

  devicesOf = (user: string): string[] => [...(this.#devices.get(user)?.keys() ?? [])]
  identityOf = (user: string): Identity | undefined => this.#identities.get(user)
  device = (user: string, device: string): Signed | undefined => this.#devices.get(user)?.get(device)
  oneTimeKeys = (user: string, device: string): number => this.#oneTime.get(`${user} ${device}`)?.size ?? 0

  /** As an administrator, or an older backup of the database, does it. */
  forgetDevice(user: string, device: string): void {
    this.#devices.get(user)?.delete(device)
    this.#oneTime.delete(`${user} ${device}`)
  }
  forgetIdentity = (user: string): boolean => this.#identities.delete(user)
  /** What a lying server shows. */
  putIdentity = (user: string, identity: Identity): Map<string, Identity> => this.#identities.set(user, identity)

  upload(user: string, device: string, body: Record<string, unknown>): unknown {
    const keys = body.device_keys as Signed | undefined
    if (keys) {
      const name = `ed25519:${device}`
      if (keys.user_id !== user || keys.device_id !== device || !signedBy(keys, user, name, keys.keys[name]))
        throw refused(400, 'M_INVALID_PARAM')
      const known = this.#devices.get(user) ?? new Map<string, Signed>()
      const before = known.get(device)
      const same = before?.keys[name] === keys.keys[name]
      const signatures = { [user]: { ...(same ? before?.signatures?.[user] : {}), ...keys.signatures?.[user] } }
      this.#devices.set(user, known.set(device, { ...keys, signatures }))
    }
    const line = `${user} ${device}`
    const here = this.#oneTime.get(line) ?? new Map<string, unknown>()
    this.#oneTime.set(line, here)
    for (const [id, key] of Object.entries((body.one_time_keys ?? {}) as Record<string, unknown>)) {
      // The one thing that shows a server that a device was rolled back.
      if (here.has(id) && JSON.stringify(here.get(id)) !== JSON.stringify(key)) throw refused(400, 'M_UNKNOWN')
      here.set(id, key)
    }
    return { one_time_key_counts: { signed_curve25519: here.size } }
  }

  query(asker: string, users: string[]): unknown {
    const shown = users.filter((user) => this.#devices.has(user) || this.#identities.has(user))
    const of = (pick: (identity: Identity) => Signed, who = shown): Record<string, Signed> => {
      const picked: Record<string, Signed> = {}
      for (const user of who) {
        const identity = this.#identities.get(user)
        if (identity) picked[user] = pick(identity)
      }
      return picked
    }
    return {
      device_keys: Object.fromEntries(shown.map((user) => [user, Object.fromEntries(this.#devices.get(user) ?? [])])),
      master_keys: of((identity) => identity.master_key),
      self_signing_keys: of((identity) => identity.self_signing_key),
      user_signing_keys: of(
        (identity) => identity.user_signing_key,
        shown.filter((user) => user === asker),
      ),
      failures: {},
    }
  }

  claim(wanted: Record<string, Record<string, string>>): unknown {
    const claimed: Record<string, Record<string, unknown>> = {}
    for (const [user, devices] of Object.entries(wanted))
      for (const device of Object.keys(devices)) {
        const here = this.#oneTime.get(`${user} ${device}`)
        const [id, key] = here ? ([...here][0] ?? []) : []
        if (id === undefined) continue
        here?.delete(id)
        claimed[user] = { ...claimed[user], [device]: { [id]: key } }
      }
    return { one_time_keys: claimed, failures: {} }
  }

  /** Others than the ones that are there, or with other signatures: Synapse asks who it is only then. */
  replacesIdentity(user: string, { master_key, self_signing_key, user_signing_key }: Record<string, unknown>): boolean {
    const known = this.#identities.get(user)
    return known !== undefined && canonical(known) !== canonical({ master_key, self_signing_key, user_signing_key })
  }

  setIdentity(user: string, { master_key, self_signing_key, user_signing_key }: Record<string, unknown>): unknown {
    const identity = { master_key, self_signing_key, user_signing_key } as Identity
    const master = publicKeyOf(identity.master_key)
    for (const key of [identity.self_signing_key, identity.user_signing_key])
      if (!signedBy(key, user, `ed25519:${master}`, master)) throw refused(400, 'M_INVALID_SIGNATURE')
    this.#identities.set(user, identity)
    return {}
  }

  /** Answers 200 whatever it keeps, as the specification has it. */
  sign(user: string, body: Record<string, Record<string, Signed>>): unknown {
    const failures: Record<string, Record<string, unknown>> = {}
    for (const [name, given] of Object.entries(body[user] ?? {})) {
      const device = this.device(user, name)
      const identity = this.#identities.get(user)
      const target = device ?? (identity && publicKeyOf(identity.master_key) === name ? identity.master_key : undefined)
      const signer = device ? identity?.self_signing_key : undefined
      const by = signer ? publicKeyOf(signer) : undefined
      const good = device
        ? by !== undefined && signedBy({ ...device, signatures: given.signatures ?? {} }, user, `ed25519:${by}`, by)
        : target !== undefined
      if (!target || !good) {
        failures[user] = { ...failures[user], [name]: { errcode: target ? 'M_INVALID_SIGNATURE' : 'M_NOT_FOUND' } }
        continue
      }
      target.signatures = {
        ...target.signatures,
        [user]: { ...target.signatures?.[user], ...given.signatures?.[user] },
      }
    }
    return { failures }
  }
}

const publicKeyOf = (key: Signed): string => Object.values(key.keys)[0] ?? ''

/** RFC 8410: what goes before 32 bytes to make them a public Ed25519 key. */
const spki = Buffer.from('302a300506032b6570032100', 'hex')

function signedBy(signed: Signed, user: string, name: string, key: string | undefined): boolean {
  const signature = signed.signatures?.[user]?.[name]
  if (signature === undefined || key === undefined) return false
  const rest = Object.fromEntries(
    Object.entries(signed).filter(([field]) => field !== 'signatures' && field !== 'unsigned'),
  )
  const publicKey = createPublicKey({
    key: Buffer.concat([spki, Buffer.from(key, 'base64')]),
    format: 'der',
    type: 'spki',
  })
  return verify(null, Buffer.from(canonical(rest)), publicKey, Buffer.from(signature, 'base64'))
}

/** Canonical JSON: no spaces, the fields in order. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([field, inner]) => `${JSON.stringify(field)}:${canonical(inner)}`).join(',')}}`
}
