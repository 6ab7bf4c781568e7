import type { Instant } from '../../core/time.ts'

/** What the memory store keeps: the part that survives a crash. Contents are JSON, so that nothing is shared with whoever put it there. */
export class Medium {
  documents = new Map<string, string>()
  pending = new Map<string, string>()
  /** Content of what is done, which stays until it is tidied away. */
  done = new Map<string, { at: Instant; text: string }>()
  seen = new Map<string, Instant>()
  addresses = new Map<string, string>()
  sent: { effectId: string; text: string }[] = []
  epoch = 0

  copy(): Medium {
    const copy = new Medium()
    copy.documents = new Map(this.documents)
    copy.pending = new Map(this.pending)
    copy.done = new Map(this.done)
    copy.seen = new Map(this.seen)
    copy.addresses = new Map(this.addresses)
    copy.sent = [...this.sent]
    copy.epoch = this.epoch
    return copy
  }
}
