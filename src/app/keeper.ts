import type { Instant } from '../core/time.ts'
import type { Document, Documents } from '../ports/store.ts'
import { Conflict, StoreError } from '../ports/store.ts'
import { isNotInOffice } from './fence.ts'

/** What one kind of document needs to be kept: how it changes, and when it wants attention. */
export interface Kind<State extends { id: string; version: number }, Event> {
  kind: Document['kind']
  schema: number
  transition: (state: State, event: Event) => State
  wakeAt: (state: State) => Instant | undefined
  /** The state before the first save, for documents that come into being by an event. */
  create?: (id: string) => State | undefined
  /** The store refused to save this. */
  unsaved?: (state: State) => void
  /** Calls `late` again and again while the save takes longer than an alarm may wait. */
  whileSlow?: <T>(save: Promise<T>, late: () => void) => Promise<T>
}

/** Applies events to documents: one at a time for each document, several in one save, redone on conflict. */
export interface Keeper<State, Event> {
  /** Resolves with the saved state. Throws `StoreError` if it could not be saved (then nothing was changed); `undefined` if there is no such document. */
  apply: (id: string, event: Event) => Promise<State | undefined>
  read: (id: string) => Promise<State | undefined>
  /** Writes a document for the first time. Throws `Conflict` if it exists. */
  insert: (state: State) => Promise<State>
}

interface Waiting<State, Event> {
  event: Event
  resolve: (state: State | undefined) => void
  reject: (error: unknown) => void
}

interface Mailbox<State, Event> {
  waiting: Waiting<State, Event>[]
  running: boolean
}

/** Conflicts come only from another kernel, or from a save of ours whose answer was lost; five in a row mean that we are not the active one any more. */
const MOST_CONFLICTS = 5

/** How many states stay in memory, so that the next event for a member that is busy needs no read. */
const STATES_KEPT = 1_000

export function createKeeper<State extends { id: string; version: number }, Event>(
  kind: Kind<State, Event>,
  documents: Documents,
  saved: (state: State, wakeAt: Instant | undefined) => void,
): Keeper<State, Event> {
  const mailboxes = new Map<string, Mailbox<State, Event>>()
  const states = new Map<string, State>()

  const remember = (state: State): void => {
    states.delete(state.id)
    states.set(state.id, state)
    if (states.size > STATES_KEPT) for (const oldest of states.keys()) return void states.delete(oldest)
  }

  const read = async (id: string): Promise<State | undefined> => {
    const known = states.get(id)
    if (known) return known
    const document = await documents.read(id)
    if (!document) return kind.create?.(id)
    // A save may have finished while we read.
    const state = states.get(id) ?? (document.body as State)
    remember(state)
    return state
  }

  const write = async (state: State): Promise<State> => {
    const next = { ...state, version: state.version + 1 }
    const wakeAt = kind.wakeAt(next)
    const save = documents.write({
      id: next.id,
      kind: kind.kind,
      schema: kind.schema,
      version: next.version,
      body: next,
      ...(wakeAt !== undefined && { wakeAt }),
    })
    await (kind.whileSlow?.(save, () => kind.unsaved?.(state)) ?? save)
    remember(next)
    saved(next, wakeAt)
    return next
  }

  /** Folds the events into one save. An event that cannot be applied is refused alone; the others go on. */
  const fold = (before: State, batch: Waiting<State, Event>[]): { after: State; applied: Waiting<State, Event>[] } => {
    let after = before
    const applied = batch.filter((it) => {
      try {
        after = kind.transition(after, it.event)
        return true
      } catch (error) {
        it.reject(error)
        return false
      }
    })
    return { after, applied }
  }

  const applyAll = async (id: string, batch: Waiting<State, Event>[]): Promise<void> => {
    for (let waiting = batch, conflicts = 0; waiting.length > 0; conflicts++) {
      let refused: State | undefined
      try {
        const before = await read(id)
        // Somebody else saved it: what they left to be done is ours to see.
        if (before && conflicts > 0) saved(before, kind.wakeAt(before))
        const { after, applied } = before ? fold(before, waiting) : { after: undefined, applied: waiting }
        waiting = applied
        refused = after
        const state = after && after !== before ? await write(after) : after
        for (const it of waiting) it.resolve(state)
        return
      } catch (error) {
        states.delete(id)
        if (error instanceof Conflict && conflicts < MOST_CONFLICTS) continue
        if (error instanceof StoreError && !isNotInOffice(error) && refused) kind.unsaved?.(refused)
        for (const it of waiting) it.reject(error)
        return
      }
    }
  }

  const work = async (id: string, mailbox: Mailbox<State, Event>): Promise<void> => {
    // What comes in the same moment goes into the same save.
    await Promise.resolve()
    while (mailbox.waiting.length > 0) await applyAll(id, mailbox.waiting.splice(0))
    mailboxes.delete(id)
  }

  return {
    read,
    insert: (state) => write(state),
    apply: (id, event) =>
      new Promise((resolve, reject) => {
        const mailbox: Mailbox<State, Event> = mailboxes.get(id) ?? { waiting: [], running: false }
        mailbox.waiting.push({ event, resolve, reject })
        if (mailbox.running) return
        mailbox.running = true
        mailboxes.set(id, mailbox)
        void work(id, mailbox)
      }),
  }
}
