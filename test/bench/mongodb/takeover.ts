// Two kernels on one database; the one that watches is killed, or frozen and let go on, a moment before somebody is due.
import path from 'node:path'
import { readAlarms } from '../alarms.ts'
import type { Kernel } from '../kernel.ts'
import { startKernel } from '../kernel.ts'
import { prepare } from '../prepare.ts'
import type { Place } from '../run.ts'

const SECOND = 1_000
/** From the preparation until somebody is due: both start, and stand a while. */
const LEAD = 20 * SECOND
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))

export interface Takeover {
  /** Milliseconds from the deadline to the alarm. */
  late: number
  doubled: number
}

/** `ahead`: milliseconds from the death to the deadline. */
export async function takeover(place: Place, how: 'killed' | 'frozen', ahead: number): Promise<Takeover> {
  const at = Date.now() + LEAD
  const deadlines = [{ at, place: 'north ridge' }]
  await prepare(await place.open(), deadlines, 0)
  const start = (name: string): Promise<Kernel> => {
    const folder = path.join(place.dataFolder, name)
    return startKernel(folder, { IMOK_SIMULATOR: 'on', ...place.settings }, `${folder}.log`, [])
  }
  const first = await start('first')
  const second = await start('second')
  await pause(at - ahead - Date.now())
  first.signal(how === 'killed' ? 'SIGKILL' : 'SIGSTOP')
  await pause(at + 20 * SECOND - Date.now())
  if (how === 'frozen') first.signal('SIGCONT')
  await pause(5 * SECOND)
  const { alone, missing, doubled } = await readAlarms(second.url, deadlines, 0)
  if (how === 'frozen') await first.stop()
  await second.stop()
  return { late: missing > 0 ? Infinity : (alone[0] ?? Infinity), doubled }
}
