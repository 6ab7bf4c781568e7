import type { Text } from '../core/texts.ts'
import { clock, text } from '../core/texts.ts'
import type { RoomCheck } from '../ports/channel.ts'
import type { OrderContext } from './order-context.ts'

/** How everything is, as it was measured just now: the watch itself, each way in, the room. */
export async function doctor(context: OrderContext): Promise<Text[]> {
  const lines: Text[] = [text('doctor.title', { at: clock(context.clock.now()) })]
  const ailments = context.ailments()
  const kernel = text('doctor.kernel')
  lines.push(
    ailments.length === 0
      ? text('doctor.ok', { what: kernel })
      : text('doctor.bad', { what: kernel, code: ailments.join(' ') }),
  )
  if (context.others) {
    const machines = context.others.standbys()
    const what = text('doctor.standby', { machines })
    lines.push(machines > 0 ? text('doctor.ok', { what }) : text('doctor.bad', { what, code: 'no' }))
  }
  for (const { name, trouble } of context.ways()) {
    const code = trouble?.()
    const what = text(`part.${name}`)
    lines.push(code === undefined ? text('doctor.ok', { what }) : text('doctor.bad', { what, code }))
  }
  for (const check of (await context.people()?.checks()) ?? []) lines.push(...checked(check))
  return lines
}

function checked({ of, ok, who = [] }: RoomCheck): Text[] {
  const what = text(`doctor.${of}`)
  if (ok) return [text('doctor.ok', { what })]
  const named = who.length > 0 ? [text('doctor.who', { who: who.slice(0, 20).join(', ') })] : []
  return [text('doctor.bad', { what, code: 'no' }), ...named]
}
