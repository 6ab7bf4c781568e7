import type { Finding } from './model/heard.ts'
import type { Plant } from './plants.ts'
import { plants } from './plants.ts'
import { lineOf, story } from './report.ts'
import { playRound } from './round.ts'
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

/** What brings its moment about. */
const favourites: Partial<Record<Plant, Visit>> = { missing: late, false: closeCall }

/** A fault shows only if its moment comes: so many rounds it may take. */
const TRIES = 6

/** A checker that finds nothing proves nothing: every kind of fault, put in on purpose, must be found. */
export async function selfTest(seed: number): Promise<{ passed: number; failed: number }> {
  const caught = await Promise.all(plants.map((plant) => isCaught(plant, seed)))
  const passed = caught.filter(Boolean).length
  return { passed, failed: plants.length - passed }
}

async function isCaught(plant: Plant, seed: number): Promise<boolean> {
  const favourite = favourites[plant]
  for (let tries = 0; tries < TRIES; tries++) {
    const kind: Kind = plant === 'stuck' || tries % 2 === 0 ? 'simulator' : 'twilio'
    const round = await playRound(seed + tries, { plant, kind, ...(favourite && { favourite }) })
    const found = round.judgement.findings.find((one) => seenAs[plant].includes(one.kind))
    if (found) {
      console.log(`planted ${plant}: caught in round ${tries + 1} as ${found.kind} (${found.what})`)
      return true
    }
    if (tries === TRIES - 1) console.log(`planted ${plant}: NOT caught\n${lineOf(round)}\n${story(round)}`)
  }
  return false
}
