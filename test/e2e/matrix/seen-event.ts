// What a client shows its user of an event.

export interface Relation {
  readonly rel_type?: string
  readonly event_id?: string
  readonly key?: string
  readonly is_falling_back?: boolean
  readonly 'm.in_reply_to'?: { readonly event_id: string }
}

/** The shield beside a message in Element; matrix-js-sdk's EventShieldReason by name. */
export interface Shield {
  readonly colour: 'none' | 'grey' | 'red'
  readonly reason?:
    | 'UNKNOWN'
    | 'UNVERIFIED_IDENTITY'
    | 'UNSIGNED_DEVICE'
    | 'UNKNOWN_DEVICE'
    | 'AUTHENTICITY_NOT_GUARANTEED'
    | 'MISMATCHED_SENDER_KEY'
    | 'SENT_IN_CLEAR'
    | 'VERIFICATION_VIOLATION'
    | 'MISMATCHED_SENDER'
}

/** An encrypted attachment (Matrix's EncryptedFile, version 2). */
export interface EncryptedFile {
  readonly v: string
  readonly url: string
  readonly key: {
    readonly kty: string
    readonly alg: string
    readonly ext: boolean
    readonly key_ops: readonly string[]
    readonly k: string
  }
  readonly iv: string
  readonly hashes: Readonly<Record<string, string>>
}

export interface SeenEvent {
  readonly eventId: string
  readonly roomId: string
  readonly sender: string
  /** The decrypted one; m.room.encrypted or m.room.message with an error text where decryption failed. */
  readonly type: string
  readonly stateKey?: string
  /** origin_server_ts, ms since 1970: what the server claims. */
  readonly at: number
  /** The decrypted content, whole: polls and our own fields are read from here. */
  readonly content: Readonly<Record<string, unknown>>
  readonly msgtype?: string
  readonly body?: string
  readonly formattedBody?: string
  readonly mentions: { readonly userIds: readonly string[]; readonly room: boolean }
  readonly relatesTo?: Relation
  /** js only: the relation beside the ciphertext, which a server can write. */
  readonly outerRelatesTo?: Relation
  /** The event that this one edits. */
  readonly replaces?: string
  /** It came encrypted, whether or not it could be read. */
  readonly encrypted: boolean
  /** Why it cannot be read: matrix-js-sdk's DecryptionFailureCode, or nio's own words. Gone when a late key made it readable. */
  readonly decryptionFailure?: string
  /** js only; undefined for what was not encrypted. */
  readonly shield?: Shield
  /** js only: what the default push rules of this user say after decryption; nothing for their own events. */
  readonly pushActions?: {
    readonly notify: boolean
    readonly tweaks: { readonly sound?: string; readonly highlight?: boolean }
  }
  /** Its content was taken away, before or after this client saw it. */
  readonly redacted: boolean
  /** For a redaction: of what. */
  readonly redacts?: string
  /** For a vote in a poll: the ids of the chosen answers. */
  readonly answers?: readonly string[]
  /** For an encrypted attachment. */
  readonly file?: EncryptedFile
}
