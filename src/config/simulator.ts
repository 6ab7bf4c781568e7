import type { Assembly } from './assembly.ts'

/**
 * Whether the simulator is on, and how fast its clock runs. It is on while no real channel is configured, or when asked for. Besides,
 * it is on whenever there would otherwise be nobody to hear or nobody to tell: that is a problem with which nothing new starts, but a
 * watch that is already kept goes on with the page as its room rather than with none.
 */
export function simulator({ values, wanted, works, report }: Assembly): { on: boolean; speed: number } {
  const real = wanted('twilio') || wanted('android-sms') || wanted('telegram') || wanted('matrix')
  const asked = values.simulator ?? !real
  const members = works('twilio') || works('android-sms') || works('telegram')
  if (!asked && !(works('matrix') && members)) {
    const missing = members
      ? 'no Matrix room, so that nobody would hear an alarm'
      : 'no channel that members can write to'
    report('simulator', missing, 'IMOK_SIMULATOR=on, to have a page instead, on this machine only', {
      instead: 'the simulator is on',
    })
  }
  const on = asked || !(works('matrix') && members)
  const speed = values.simulator_speed
  if (!real && on) return { on, speed }
  if (speed !== 1)
    report(
      'simulator_speed',
      `"${speed}", ${real ? 'beside a real channel' : 'without the simulator'}`,
      'no speed: real people live in real time',
      { instead: '1 is used' },
    )
  return { on, speed: 1 }
}
