import { LONGEST_NAME, LONGEST_NOTE } from '../commands/order.ts'
import { text } from '../texts.ts'
import type { MemberOrder, Ordered } from './event.ts'
import type { MemberDraft } from './tell.ts'
import { answerOrder, handName } from './tell.ts'

type Edit = Extract<MemberOrder, { type: 'edit' }>

/** Changes what is known of a member. The value was checked where the languages and the numbers are known. */
export function edit(draft: MemberDraft, event: Ordered, order: Edit): void {
  const { name } = draft.state
  if (!apply(draft, order))
    return void answerOrder(
      draft,
      text('order.bad-value', { field: order.field, given: [...order.value].slice(0, LONGEST_NAME).join('') }),
    )
  answerOrder(draft, text('room.edited', { name, field: order.field, by: event.by.name }))
}

function apply(draft: MemberDraft, order: Edit): boolean {
  const { state } = draft
  switch (order.field) {
    case 'name':
      draft.state.name = [...order.value].slice(0, LONGEST_NAME).join('')
      handName(draft)
      return true
    case 'notes':
      draft.state.notes = order.value.slice(0, LONGEST_NOTE)
      return true
    case 'quiet': {
      const on = /^on$/i.test(order.value)
      if (!on && !/^off$/i.test(order.value)) return false
      draft.state.settings = { ...state.settings, quiet: on }
      return true
    }
    case 'language':
      draft.state.language = order.value.toLowerCase()
      return true
    case 'duration':
      if (order.duration === undefined) return false
      draft.state.settings = { ...state.settings, duration: order.duration }
      return true
    case 'number': {
      const { address } = order
      if (!address) return false
      draft.state.addresses = [address, ...state.addresses.filter((a) => a.channel !== address.channel)]
      return true
    }
    default:
      return order.field satisfies never
  }
}
