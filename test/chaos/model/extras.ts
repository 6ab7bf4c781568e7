import type { History, Life, Said } from '../history.ts'

/** A text that a provider took once more: it has the same id inside as one before it. */
export interface Extra {
  to: string
  text: string
  effect: string
  /** When it had come before, and when it came again. */
  before: number[]
  at: number
}

/** Why a text may come twice, from a provider that takes no key by which it could know a text again (DESIGN.md S7). */
export type Cause = 'killed' | 'answer lost' | 'under way when frozen'

export interface JudgedExtra {
  what: string
  /** Undefined: nothing allows it. */
  cause?: Cause
  /** How the time in office ended that went before. */
  after: string
}

/** Real milliseconds from when a provider took a text until that is recorded, on a busy machine; and that a database takes to be gone. */
const RECORDED = 1_500
/** Real milliseconds from when we stop a kernel until it stands still. */
const STOPS = 50

/** Each text as it came first, and those that came again. */
export function withoutExtras(said: readonly Said[]): { once: Said[]; extras: Extra[] } {
  const known = new Map<string, number[]>()
  const once: Said[] = []
  const extras: Extra[] = []
  for (const it of said) {
    const { to, text, effect, at } = it
    const name = `${to} ${effect ?? ''}`
    const before = effect === undefined ? undefined : known.get(name)
    known.set(name, [...(before ?? []), at])
    if (before && effect !== undefined) extras.push({ to, text, effect, before, at })
    else once.push(it)
  }
  return { once, extras }
}

/**
 * Each with the reason that it may be there, if there is one. A kernel that was killed accounts for one: nobody knows whether the text was sent
 * that it was sending. So does one that was cut off from its database, or whose database was restarted, if another kernel acts afterwards: the
 * answer to the save that records it was lost. One that goes on itself still knows what it sent.
 *
 * A clean hand-over accounts for none: what is under way ends before the office is given back. Nor does a term that lapsed.
 *
 * A kernel has claimed what it sends, in a save, has found time left at the fence, and looks at the time once more before the request; if it is
 * frozen after that, nothing looks again. Whoever takes over finds the claim of an earlier term, asks the provider, who has no such text yet,
 * and sends it. So each text that was on the line in that moment may come once more when the frozen one goes on, and nothing else: a claim that
 * was not saved meets the compare-and-set of a record that somebody else has changed, and what is begun afterwards meets the fence
 * (`judge-office.ts`).
 */
export function judgeExtras(extras: readonly Extra[], history: History): JudgedExtra[] {
  const { lives, lag, speed } = history
  const near = (RECORDED + lag) * speed
  const causes = lives.flatMap((life, place) => {
    const cause = causeOf(life, lives[place + 1])
    return cause ? [{ life, cause }] : []
  })
  const used = new Set<Life>()
  return extras.map((extra) => {
    const what = `${extra.to}: ${extra.text}`
    const frozen = lives.find((life) => life.end === 'freeze' && wasUnderWay(extra, life, history))
    if (frozen) return { what, cause: 'under way when frozen', after: nameOf(frozen) }
    const found = causes.find(
      ({ life }) => !used.has(life) && extra.before.some((at) => Math.abs(at - (life.ended ?? Infinity)) <= near),
    )
    if (!found) return { what, after: nameOf(lives.findLast(({ ended = Infinity }) => ended <= extra.at)) }
    used.add(found.life)
    return { what, cause: found.cause, after: nameOf(found.life) }
  })
}

function causeOf({ end }: Life, next: Life | undefined): Cause | undefined {
  switch (end) {
    case undefined:
    case 'hand-over':
    case 'freeze':
    case 'lapsed':
    case 'taken over':
      return undefined
    case 'cut':
    case 'silence':
    case 'database':
      return next?.goesOn ? undefined : 'answer lost'
    default:
      return 'killed'
  }
}

/** This kernel had begun to send it, and not again since; nobody had it when the kernel stood still. */
function wasUnderWay({ effect, before }: Extra, { kernel, ended = Infinity }: Life, { begun = [] }: History): boolean {
  const last = begun.findLast((it) => it.kernel === kernel && it.effect === effect)
  return last !== undefined && last.at <= ended + STOPS && before.every((at) => at > ended)
}

const nameOf = (life: Life | undefined): string =>
  life?.end === undefined ? 'nothing' : `${life.end}${life.point === undefined ? '' : ` at ${life.point}`}`
