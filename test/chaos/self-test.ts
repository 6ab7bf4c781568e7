import type { Finding } from './model/heard.ts'
import type { Plant } from './plants.ts'
import { plants } from './plants.ts'
import { lineOf, story } from './report.ts'
import type { Deadly } from './round.ts'
import { playRound } from './round.ts'
import type { HomeServer } from './room/room.ts'
import type { Kind } from './settings.ts'
import type { Visit } from './visits.ts'
import { closeCall, late } from './visits.ts'

/** As what each planted fault may be seen. */
const seenAs: Record<Plant, readonly Finding['kind'][]> = {
  lost: ['lost', 'missing'],
  missing: ['missing', 'late'],
  false: ['false'],
  doubled: ['doubled'],
  stuck: ['stuck'],
}

/** What brings its moment about: what people do, and where the kernel dies. */
const favourites: Partial<Record<Plant, { favourite?: Visit; deadly?: Deadly }>> = {
  lost: { deadly: 'outside' },
  missing: { favourite: late },
  false: { favourite: closeCall },
  doubled: { deadly: 'after-send' },
}

/** A fault shows only if its moment comes: so many rounds it may take. */
const TRIES = 6

/** A checker that finds nothing proves nothing: every kind of fault, put in on purpose, must be found. */
export async function selfTest(seed: number, home?: HomeServer): Promise<{ passed: number; missed: Plant[] }> {
  // What has nothing to do with the room was found without one.
  const tested = home ? plants.filter((plant) => plant === 'lost' || plant === 'doubled') : plants
  const caught = await Promise.all(tested.map((plant) => isCaught(plant, seed, home)))
  const missed = tested.filter((_, place) => !caught[place])
  return { passed: tested.length - missed.length, missed }
}

async function isCaught(plant: Plant, seed: number, home: HomeServer | undefined): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries++) {
    // What Twilio was told is read back from it, however early it was lost.
    const isSimulated = plant === 'stuck' || plant === 'lost'
    const kind: Kind = isSimulated || tries % 2 === 0 ? 'simulator' : 'twilio'
    const round = await playRound(seed + tries, { plant, kind, home, ...favourites[plant] })
    const found = round.judgement.findings.find((one) => seenAs[plant].includes(one.kind))
    if (found) {
      console.log(`planted ${plant}: caught in round ${tries + 1} as ${found.kind} (${found.what})`)
      return true
    }
    if (tries === TRIES - 1) console.log(`planted ${plant}: NOT caught\n${lineOf(round)}\n${story(round)}`)
  }
  return false
}
