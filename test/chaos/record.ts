import type { Act, History, Life, Person, Said } from './history.ts'
import type { Lives, RealLife } from './lives.ts'
import type { World } from './world.ts'

/** Real milliseconds within which the kernel that acts finds what another one has stored. */
const FOUND_WITHIN = 600

/** Real milliseconds that a call to the database may take with all its tries, although whoever made it was told that it took too long. */
const LONGEST_CALL = 9_000

/** Puts all that was recorded into the kernel's time. */
export function record(options: {
  people: Person[]
  isBadDay: boolean
  /** What reached one kernel may have been read from the provider's list by the other. */
  isReadByBoth?: boolean
  strangers: History['strangers']
  duty: string[]
  speed: number
  lag: number
  lives: Pick<Lives, 'all' | 'troubles'> & Pick<History, 'begun' | 'arrived'>
  world: World
  end: number
  waiting: string[]
}): History {
  const { lives, world, speed, end } = options
  const kernelTime = timeOf(lives.all, speed)
  const act = (it: Act): Act => {
    // Twilio's list knows whole seconds only, and what did not reach us at once may have been read from there.
    const isListed =
      (options.isReadByBoth === true && it.isText === true && it.ms !== undefined) ||
      (it.fate === 'stored' && it.came === it.sent)
    const sent = kernelTime(it.sent)
    const isLoose = options.isReadByBoth === true && (it.fate === 'maybe' || it.came === it.sent)
    const later = isLoose ? LONGEST_CALL : FOUND_WITHIN
    return {
      ...it,
      // One that no kernel took is read from the provider's list within three minutes, which a round does not last.
      ...(isLoose && { isLoose, fate: 'maybe' as const }),
      sent: isListed ? Math.floor(sent / 1_000) * 1_000 : sent,
      end: kernelTime(it.end) + (options.isReadByBoth === true ? later : 0),
      // What neither kernel took when it was brought is in the list alone, which is not looked at again before every deadline.
      came: kernelTime(isLoose ? it.end : it.came),
    }
  }
  const said: Said[] = [...world.seen]
    .sort((a, b) => (a.n ?? 0) - (b.n ?? 0))
    .map(({ to, text, at, clock, effect }) => ({
      to,
      text,
      at: clock === 'real' ? kernelTime(at) : at,
      ...(effect !== undefined && { effect }),
    }))
  return {
    people: options.people,
    isBadDay: options.isBadDay,
    strangers: options.strangers,
    duty: options.duty,
    speed,
    lag: options.lag,
    waiting: options.waiting,
    acts: world.acts.map(act),
    said,
    lives: lives.all.map((life) => inKernelTime(life, kernelTime)),
    // Several kernels are played in real time only.
    ...(lives.begun && { begun: lives.begun }),
    ...(lives.arrived && { arrived: lives.arrived }),
    end: kernelTime(end),
    troubles: [...lives.troubles, ...world.troubles],
  }
}

function inKernelTime(life: RealLife, kernelTime: (real: number) => number): Life {
  const { began, answered, ready, ended, end, point, kernel } = life
  return {
    began: kernelTime(began),
    ...(ready !== undefined && { ready: kernelTime(ready) }),
    ...(ready !== undefined && answered !== undefined && { starting: ready - answered }),
    // In a hurried world a clock that stopped and went on may show the same time twice: the life ended by its own.
    ...(ended !== undefined && { ended: isKnown(life) ? kernelTime(ended - 1) : kernelTime(began) }),
    ...(end !== undefined && { end }),
    ...(point !== undefined && { point }),
    ...(kernel !== undefined && { kernel }),
    ...(life.goesOn && { goesOn: true as const }),
  }
}

const hasClock = ({ clock, stored }: RealLife): boolean => clock !== undefined || stored.length > 0

/** Several kernels are played in real time, and nobody asks them for it. */
const isKnown = (life: RealLife): boolean => life.kernel !== undefined || hasClock(life)

/** The kernel's time at a real one, by the clock of the life that there was. */
function timeOf(lives: readonly RealLife[], speed: number): (real: number) => number {
  if (speed === 1) return (real) => real
  const known = lives.filter(hasClock)
  return (real) => {
    const life = known.findLast(({ began }) => began <= real) ?? known[0]
    const shown = life && shownBy(life, real)
    return shown ? shown.kernel + (real - shown.real) * speed : real
  }
}

/** Before it watches, a kernel's clock may still be set ahead: then the last message that it stored knows best. */
function shownBy({ ready, clock, stored }: RealLife, real: number): { real: number; kernel: number } | undefined {
  const last = stored.findLast((it) => it.real <= real) ?? stored[0]
  return ready === undefined ? (last ?? clock) : clock
}
