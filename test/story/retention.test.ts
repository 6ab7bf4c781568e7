import { expect } from 'chai'
import type { AlarmClock } from '../../src/ports/alarm-clock.ts'
import { tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'

const HOUR = 3_600_000

/** Everything that lies in the store, but for the list of what the simulator has shown. */
const kept = ({ place }: Story): Promise<string> => place.readable()

/** The clock of recurring work, wound by hand. */
function wound(): AlarmClock & { jobs: Map<string, () => Promise<void>> } {
  const jobs = new Map<string, () => Promise<void>>()
  return {
    jobs,
    set: () => undefined,
    recurring: (name, _real, job) => void jobs.set(name, job),
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  }
}

const speak = async (story: Story): Promise<void> => {
  await story.phone().texts('IN 60 at the old mill')
  await story.phone().texts('do you see a blue tent')
  await story.phone().texts('OUT')
  expect(await kept(story))
    .to.match(/old mill/)
    .and.to.match(/blue tent/)
}

describe('a text that was handled', () => {
  it('is gone a day later, by the hourly work of a kernel that runs on', async () => {
    const alarmClock = wound()
    const story = await tell({ alarmClock })
    await speak(story)
    const sweep = async (): Promise<void> => story.until(alarmClock.jobs.get('retention')!())
    await sweep()
    expect(await kept(story)).to.match(/blue tent/)
    // The timers of a day bring nothing new, and take long.
    await story.passes(25 * HOUR)
    await sweep()
    expect(await kept(story)).not.to.match(/old mill|blue tent/)
  })

  it('is gone a day later, though no start of the kernel has lived for an hour', async () => {
    const story = await tell()
    await speak(story)
    for (let day = 0; day < 5; day++) {
      await story.stops()
      await story.passes(5 * HOUR)
      await story.starts()
      await story.forward('90s')
    }
    expect(await kept(story)).not.to.match(/old mill|blue tent/)
  })
})
