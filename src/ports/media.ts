import type { Media } from '../core/effect.ts'

/** Why a photo, a voice note or another file could not be had. */
export class MediaError extends Error {
  /** `gone`: never again. `too-large`: never by this way. `later`: it may work in a while. */
  readonly kind: 'gone' | 'too-large' | 'later'
  /** A short code for operators. */
  readonly trouble: string
  constructor(kind: MediaError['kind'], trouble: string) {
    super(`a file could not be fetched: ${trouble}`)
    this.name = 'MediaError'
    this.kind = kind
    this.trouble = trouble
  }
}

/** The bytes of what a member sent, at most `most` of them, in bounded time. Throws `MediaError`. */
export type FetchMedia = (media: Media, most: number) => Promise<Uint8Array>
