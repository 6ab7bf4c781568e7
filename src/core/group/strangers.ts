import { emit } from '../outbox/outbox.ts'
import { clock, text } from '../texts.ts'
import { DAY, HOUR } from '../time.ts'
import type { GroupDraft } from './nudges.ts'

/** From one number and from all together, in an hour: more would let a stranger drown the room. */
const FROM_ONE = 5
const FROM_ALL = 30

/** Shown to the admins and to nobody else; no reply, no state, and no more than people can read. */
export function strangerSaid(draft: GroupDraft, said: { from: string; words: string; danger: boolean }): void {
  const { at } = draft
  const lately = draft.state.strangers.filter((s) => at - s.at < HOUR)
  const shown = lately.filter((s) => s.shown)
  const fits = shown.length < FROM_ALL && shown.filter((s) => s.from === said.from).length < FROM_ONE
  // Of those that are not shown one is enough to remember: a list that a flood can push out of itself would be no cap.
  const isNews = fits || lately.length === shown.length
  draft.state.strangers = isNews ? [...lately, { from: said.from, at, shown: fits }] : lately
  if (fits) {
    const body = [
      text(said.danger ? 'room.unverified.loud' : 'room.unverified', {
        from: said.from,
        at: clock(at),
        words: said.words,
      }),
    ]
    emit(draft, {
      urgency: said.danger ? 'alert' : 'notice',
      purpose: 'unverified',
      recipient: { to: 'room' },
      loud: said.danger,
      body,
      expiresAt: at + DAY,
    })
  } else if (isNews) {
    emit(draft, {
      urgency: 'notice',
      purpose: 'unverified',
      recipient: { to: 'room' },
      body: [text('room.unverified.more', { count: shown.length })],
      expiresAt: at + DAY,
    })
  }
}
