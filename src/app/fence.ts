import type { Duration } from '../core/time.ts'
import { SECOND } from '../core/time.ts'
import type { Term } from '../ports/office.ts'
import { StoreError } from '../ports/store.ts'
import type { Documents, SentLog, Store } from '../ports/store.ts'

/** Of several kernels one may act. What it begins must have ended before the next one may: else a text goes out twice, or a false alarm. */
export interface Fence {
  /** Real milliseconds for which nobody else can act, for sure. */
  left: () => Duration
  /** Whether it is our turn as far as we know: nobody else was seen to have taken over. */
  isOurs: () => boolean
  /** Nobody can be asked, and that was tried just now: an alarm that cannot be saved is said all the same. */
  isCutOff: () => boolean
  /** Makes sure by asking: false if another kernel acts now. Throws `StoreError` if nobody can be asked. */
  prove: () => Promise<boolean>
}

/** For a kernel that is alone: the lock of its data folder says so. */
export const alone: Fence = {
  left: () => Infinity,
  isOurs: () => true,
  isCutOff: () => false,
  prove: () => Promise.resolve(true),
}

/** Less than this is not worth beginning a send with: first it is made sure that there is more. Real milliseconds. */
const SHORTEST: Duration = 4 * SECOND

/** What is begun ends so long before somebody else may act. Real milliseconds. */
const MARGIN: Duration = SECOND / 2

/** How long something sent now may take, in real milliseconds; 0: it must not be sent. Never rejects. */
export async function timeToAct({ left, prove }: Fence): Promise<Duration> {
  if (left() < SHORTEST && !(await prove().catch(() => false))) return 0
  return Math.max(0, left() - MARGIN)
}

/** Whether this kernel may speak in a room that it can reach although the database cannot be. */
export interface Voice {
  maySpeak: () => boolean
  /** Another kernel of ours said something just now. */
  othersSpoke: () => void
}

/**
 * A kernel that is cut off from the database, and whose term has run out, goes on saying the alarms that it knows: perhaps nobody else is there. Once it
 * hears another kernel in the room somebody is, who knows of check-outs that this one cannot know of.
 */
export function createVoice({ left, isCutOff }: Pick<Fence, 'left' | 'isCutOff'>): Voice {
  let isOtherThere = false
  return {
    maySpeak: () => {
      if (left() > 0) isOtherThere = false
      return left() > 0 || (isCutOff() && !isOtherThere)
    },
    othersSpoke: () => (isOtherThere = left() <= 0),
  }
}

/** The time in office of this kernel, which begins when it takes it. */
export class Tenure implements Fence {
  #term: Term | undefined
  #isOver = false

  begin(term: Term): void {
    this.#term = term
    void term.over.then(() => (this.#isOver = true))
  }

  isOurs = (): boolean => this.#term !== undefined && !this.#isOver

  left = (): Duration => this.#term?.left() ?? 0

  isCutOff = (): boolean => this.#term?.isCutOff() ?? false

  prove = (): Promise<boolean> => this.#term?.prove() ?? Promise.resolve(false)
}

const notInOffice = (): StoreError => new StoreError('not-in-office', 'another kernel acts now; this one saves nothing')

/** Whether a save failed only because somebody else acts now. */
export const isNotInOffice = (error: unknown): boolean => error instanceof StoreError && error.code === 'not-in-office'

/** Only who is in office changes anything. Putting into the inbox is for all. */
export function fenced(store: Store, fence: Fence): Store {
  const within = async <T>(work: () => Promise<T>): Promise<T> => {
    if (fence.left() <= 0 && !(await fence.prove())) throw notInOffice()
    return work()
  }
  const documents: Documents = {
    read: (id) => store.documents.read(id),
    write: (document) => within(() => store.documents.write(document)),
    erase: (id, version) => within(() => store.documents.erase(id, version)),
    due: (until, limit) => store.documents.due(until, limit),
    all: (kind) => store.documents.all(kind),
  }
  const sent: SentLog<Parameters<Store['sent']['append']>[1]> = {
    append: (effectId, entry) => within(() => store.sent.append(effectId, entry)),
    list: (after) => store.sent.list(after),
  }
  return {
    documents,
    sent,
    inbox: store.inbox,
    addresses: {
      find: (address) => store.addresses.find(address),
      assign: (address, member) => within(() => store.addresses.assign(address, member)),
      release: (address) => within(() => store.addresses.release(address)),
    },
    get epoch() {
      return store.epoch
    },
    get damage() {
      return store.damage
    },
    tidy: (before) => within(() => store.tidy(before)),
    close: () => store.close(),
  }
}
