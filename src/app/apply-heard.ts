import { text } from '../core/texts.ts'
import type { CommandWords } from '../core/commands/words.ts'
import type { Watch } from '../core/member/event.ts'
import type { Zone } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Heard, InboxItem } from '../ports/inbox.ts'
import type { Addresses } from '../ports/store.ts'
import type { House } from './house.ts'
import { GROUP } from './house.ts'
import { mayBeCry, saidBy, understand } from './understand.ts'
import type { UntilSaved } from './unsaved.ts'

export interface ApplyOptions {
  addresses: Addresses
  house: House
  wordsOf: (language: string) => CommandWords
  groupLanguage: string
  zone: Zone
  watch: () => Watch
  untilSaved: UntilSaved
  obey: (item: InboxItem, order: Extract<Heard, { type: 'order' }>) => Promise<void>
  clock: Clock
}

/** What came in happens to the member or the group whom it concerns. Resolves when that is saved; twice is harmless. */
export function createApply(options: ApplyOptions): (item: InboxItem) => Promise<void> {
  const { addresses, house, wordsOf, groupLanguage, zone, watch, obey, clock } = options

  const apply = async (item: InboxItem): Promise<void> => {
    const { heard } = item
    const at = clock.now()
    const inboundId = item.id
    switch (heard.type) {
      case 'message':
        return applyMessage(item, heard)
      case 'order':
        return obey(item, heard)
      case 'link':
        return applyLink(item, heard)
      case 'receipt': {
        const document = heard.effectId?.split(':')[0]
        if (document === undefined) return
        const { type: _type, ...told } = heard
        await (document === GROUP
          ? house.group.apply(GROUP, { type: 'receipt', at, ...told })
          : house.members.apply(document, { type: 'receipt', at, ...told }))
        return
      }
      case 'line-cut': {
        const member = await addresses.find(heard.from)
        if (member !== undefined)
          await house.members.apply(member, { type: 'line-cut', at, inboundId, via: heard.from, why: heard.why })
        return
      }
      case 'moved': {
        const member = await addresses.find(heard.from)
        if (member === undefined || !(await addresses.assign(heard.to, member))) return
        await house.members.apply(member, { type: 'moved', at, inboundId, from: heard.from, to: heard.to })
        await addresses.release(heard.from)
        return
      }
      default:
        return heard satisfies never
    }
  }

  const applyMessage = async (item: InboxItem, heard: Extract<Heard, { type: 'message' }>): Promise<void> => {
    const id = await addresses.find(heard.from)
    const member = id === undefined ? undefined : await house.members.read(id)
    if (!member) return applyStranger(item, heard)
    // The clock of whoever took it in may be ahead of ours, and nobody's time begins later than now.
    const said = saidBy(heard, wordsOf(member.language), zone, Math.min(item.receivedAt, clock.now()))
    const standing = watch()
    // A cry for help waits for nothing: it only adds to an alarm.
    if (!mayBeCry(said)) await options.untilSaved(item, member.id)
    await house.members.apply(member.id, {
      type: 'said',
      at: clock.now(),
      inboundId: item.id,
      ...said,
      watch: standing,
    })
    if (said.command.type === 'in' && standing.trouble === 'nobody-on-duty') {
      await house.group.apply(GROUP, {
        type: 'announced',
        at: clock.now(),
        id: `${item.id}:duty`,
        once: 'nobody-on-duty',
        loud: false,
        body: [text('room.nobody-on-duty')],
      })
    }
  }

  /** Changes nothing, gets no reply; the admins see it as what it is (S9). */
  const applyStranger = async (item: InboxItem, heard: Extract<Heard, { type: 'message' }>): Promise<void> => {
    const { command, danger } = understand(heard, wordsOf(groupLanguage))
    const from = heard.from.channel === 'telegram' ? `Telegram ${heard.displayName ?? ''}`.trim() : heard.from.address
    const words = heard.text.trim() || heard.attachment?.kind || ''
    await house.group.apply(GROUP, {
      type: 'stranger-said',
      at: clock.now(),
      inboundId: item.id,
      from,
      words: words.slice(0, 500),
      danger: danger || command.type === 'sos',
    })
  }

  const applyLink = async (item: InboxItem, heard: Extract<Heard, { type: 'link' }>): Promise<void> => {
    const at = clock.now()
    const group = await house.group.read(GROUP)
    const link = group?.links.find((l) => l.token === heard.token && l.expiresAt > at)
    const member = link?.memberId ?? (await addresses.find(heard.from))
    if (member === undefined) {
      return applyStranger(item, {
        type: 'message',
        from: heard.from,
        text: '/start',
        ...(heard.displayName !== undefined && { displayName: heard.displayName }),
      })
    }
    // A phone belongs to one member: a link opened on somebody else's phone changes nothing.
    if (link && !(await addresses.assign(heard.from, member)) && (await addresses.find(heard.from)) !== member) return
    await house.members.apply(member, { type: 'linked', at, inboundId: item.id, via: heard.from })
    if (link) await house.group.apply(GROUP, { type: 'link-used', at, token: link.token })
  }

  return apply
}
