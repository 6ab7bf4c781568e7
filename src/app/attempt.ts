import type { Address, MemberChannel } from '../core/address.ts'
import type { Effect, EffectId, Outcome } from '../core/effect.ts'
import type { Group } from '../core/group/group.ts'
import type { Member } from '../core/member/member.ts'
import type { Duration } from '../core/time.ts'
import type { Channel, Outgoing, Room, RoomMessage } from '../ports/channel.ts'
import { SendError } from '../ports/channel.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Renderer } from '../ports/texts.ts'
import { codeOf } from './due-loop.ts'
import type { Fence } from './fence.ts'
import { timeToAct } from './fence.ts'
import { inTime } from './in-time.ts'
import { outgoing } from './outgoing.ts'

/** How often a provider that does not answer is asked about a doubtful send before it is sent again. */
const MOST_LOOKS = 4

/** One attempt to send an effect that is claimed. Never rejects, always ends. */
export type Attempt = (state: Member | Group, effect: Effect, to: Address | 'room') => Promise<Outcome>

/** What became of it meanwhile. */
interface Progress {
  /** Nobody waits for it any more. */
  isOver: boolean
  /** The provider was asked, and has nothing of an earlier attempt. */
  notThere: boolean
}

/** What the provider calls the other messages of its document: two answers of one minute may say the same. */
const othersOf = (state: Member | Group, { id }: Effect): ReadonlySet<string> =>
  new Set(state.effects.flatMap((e) => (e.id !== id && e.providerId !== undefined ? [e.providerId] : [])))

/** A look took all the time there was: nobody waits for this attempt any more, and another one may be under way. */
const refuseLate = ({ isOver }: Progress): void => {
  if (isOver) throw new SendError('unknown', 'timeout')
}

export function createAttempt(options: {
  channels: ReadonlyMap<MemberChannel, Channel>
  room: Room
  texts: Renderer
  language: string
  /** Under which id the room hears it: it may have heard it, or something else, before that could be saved. */
  idInRoom: (effect: Effect) => EffectId
  /** Kernel milliseconds that one attempt may take. */
  longest: Duration
  fence: Fence
  /** Our own term. */
  office: { readonly epoch: number }
  clock: Clock
  log: Log
}): Attempt {
  const { channels, room, texts, language, idInRoom, longest, fence, office, clock, log } = options

  const say = async (message: RoomMessage, { doubtSince }: Effect, progress: Progress): Promise<Outcome> => {
    // The room knows our own ids again: only what another kernel may have said is looked for.
    const isAnothers = doubtSince !== undefined && doubtSince < office.epoch
    const earlier = isAnothers ? await room.find?.(message).catch(() => undefined) : undefined
    refuseLate(progress)
    return { type: 'accepted', ...(earlier ?? (await room.send(message))) }
  }

  const send = async (
    message: Outgoing,
    state: Member | Group,
    effect: Effect,
    progress: Progress,
  ): Promise<Outcome> => {
    const channel = channels.get(message.to.channel)
    if (!channel) return { type: 'impossible', trouble: 'channel-off' }
    const isInDoubt = effect.doubtSince !== undefined
    if (isInDoubt && channel.doubt === 'cannot-tell' && effect.urgency === 'notice')
      return { type: 'impossible', trouble: 'in-doubt' }
    const earlier = isInDoubt ? await lookFor(channel, message, state, effect, progress) : undefined
    refuseLate(progress)
    return { type: 'accepted', readers: 1, ...(earlier ?? (await channel.send(message))) }
  }

  /** Asks the provider whether an earlier attempt arrived. While it cannot be asked the doubt stays, but not for ever: twice beats never. */
  const lookFor = async (
    channel: Channel,
    message: Outgoing,
    state: Member | Group,
    effect: Effect,
    progress: Progress,
  ) => {
    if (!channel.find) return undefined
    try {
      const found = await channel.find(message, othersOf(state, effect))
      progress.notThere = !found
      return found
    } catch (error) {
      if (effect.attempts >= MOST_LOOKS) return undefined
      throw new SendError('unknown', error instanceof SendError ? error.trouble : codeOf(error))
    }
  }

  const outcomeOf = (error: unknown, { notThere }: Progress): Outcome => {
    if (!(error instanceof SendError)) {
      log.error('a channel failed in a way it should not; the effect is tried again', { code: codeOf(error) })
      return { type: 'unknown', trouble: 'channel-bug' }
    }
    const { kind, trouble, why = 'undeliverable', wait } = error
    if (kind === 'unknown') return { type: kind, trouble }
    const asked = notThere ? { notThere } : {}
    if (kind === 'dead') return { type: kind, trouble, why, ...asked }
    if (kind === 'impossible') return { type: kind, trouble, ...asked }
    return { type: kind, trouble, ...(wait !== undefined && { wait: wait * clock.speed }), ...asked }
  }

  return async (state, effect, to) => {
    const progress = { isOver: false, notThere: false }
    try {
      const most = Math.min(longest / clock.speed, await timeToAct(fence))
      if (most === 0) return { type: 'refused', trouble: 'not-in-office' }
      const decided = outgoing(state, effect, texts, language, clock.now(), clock.speed)
      const message = to === 'room' ? { ...decided, id: idInRoom(effect) } : decided
      const sent = to === 'room' ? say(message, effect, progress) : send({ ...message, to }, state, effect, progress)
      return await inTime(clock, most, sent, () => {
        progress.isOver = true
        return Promise.reject(new SendError('unknown', 'timeout'))
      })
    } catch (error) {
      return outcomeOf(error, progress)
    }
  }
}
