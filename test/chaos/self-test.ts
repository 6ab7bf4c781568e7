import type { Finding } from './model/heard.ts'
import type { Plant } from './plants.ts'
import { plants } from './plants.ts'
import { lineOf, story } from './report.ts'
import { playPairRound } from './pair/pair-round.ts'
import type { Trouble } from './pair/pair.ts'
import { quickTerms } from './pair/terms.ts'
import type { Point } from './points.ts'
import type { Deadly, Round } from './round.ts'
import { playRound } from './round.ts'
import type { HomeServer } from './room/room.ts'
import type { Kind } from './settings.ts'
import type { Visit } from './visits.ts'
import { closeCall, late } from './visits.ts'
import { inLanes } from '../support/in-lanes.ts'

/** As what each planted fault may be seen. */
const seenAs: Record<Plant, readonly Finding['kind'][]> = {
  lost: ['lost', 'missing'],
  missing: ['missing', 'late'],
  false: ['false'],
  doubled: ['doubled'],
  again: ['doubled'],
  stuck: ['stuck'],
}

/** What brings its moment about: what people do, and where the kernel dies. */
const favourites: Partial<Record<Plant, { favourite?: Visit; deadly?: Deadly }>> = {
  lost: { deadly: 'outside' },
  missing: { favourite: late },
  false: { favourite: closeCall },
  doubled: { deadly: 'after-send' },
}

/** The same with two kernels: what befalls them, and where they stand then. Their terms are short, which is quicker. */
const befalls: Partial<Record<Plant, { only: Trouble; at?: Point }>> = {
  lost: { only: 'kill' },
  doubled: { only: 'kill', at: 'after-send' },
  again: { only: 'hand-over' },
}

/** A fault shows only if its moment comes: so many rounds it may take. */
const TRIES = 6

interface Tested {
  passed: number
  missed: Plant[]
}

/** A checker that finds nothing proves nothing: every kind of fault, put in on purpose, must be found. */
export async function selfTest(seed: number, home?: HomeServer): Promise<Tested> {
  // What has nothing to do with the room was found without one. A kernel that is alone never leaves its office, it dies.
  const tested = plants.filter((plant) => (home ? plant === 'lost' || plant === 'doubled' : plant !== 'again'))
  return testAll(tested, LANES, (plant) => isCaught(plant, seed, home))
}

/** So many at a time: each round of a pair has three processes. */
const LANES = 5
const LANES_OF_PAIRS = 3

async function testAll(
  tested: readonly Plant[],
  lanes: number,
  isFound: (plant: Plant) => Promise<boolean>,
): Promise<Tested> {
  const missed: Plant[] = []
  await inLanes(tested, lanes, async (plant) => {
    if (!(await isFound(plant))) missed.push(plant)
  })
  return { passed: tested.length - missed.length, missed }
}

/** The same of rounds with two kernels. */
export const selfTestOfPairs = (seed: number): Promise<Tested> =>
  testAll(plants, LANES_OF_PAIRS, (plant) =>
    isSeen(plant, (tries) =>
      playPairRound(seed + tries, {
        plant,
        favourite: favourites[plant]?.favourite,
        terms: quickTerms,
        ...befalls[plant],
      }),
    ),
  )

const isCaught = (plant: Plant, seed: number, home: HomeServer | undefined): Promise<boolean> =>
  isSeen(plant, (tries) => {
    // What Twilio was told is read back from it, however early it was lost.
    const isSimulated = plant === 'stuck' || plant === 'lost'
    const kind: Kind = isSimulated || tries % 2 === 0 ? 'simulator' : 'twilio'
    return playRound(seed + tries, { plant, kind, home, ...favourites[plant] })
  })

async function isSeen(plant: Plant, play: (tries: number) => Promise<Round>): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries++) {
    const round = await play(tries)
    const found = round.judgement.findings.find((one) => seenAs[plant].includes(one.kind))
    if (found) {
      console.log(`planted ${plant}: caught in round ${tries + 1} as ${found.kind} (${found.what})`)
      return true
    }
    if (tries === TRIES - 1) console.log(`planted ${plant}: NOT caught\n${lineOf(round)}\n${story(round)}`)
  }
  return false
}
