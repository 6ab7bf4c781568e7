import { oneLine } from '../../i18n/clean.ts'
import { localName } from './people.ts'

/** Characters of a name that fit beside others on a phone. */
const LONGEST_NAME = 30
/** Characters of a room's id, as the specification has it. */
const LONGEST_ID = 255

/** A state event as the server tells it: in clear, and with nothing to prove it. */
export interface StateEvent {
  type: string
  state_key?: string
  sender?: string
  content?: Record<string, unknown>
  event_id?: string
}

/** The room as the homeserver describes it: good for who is there and for warnings, never for who may give orders. */
export interface RoomState {
  apply: (events: readonly StateEvent[]) => void
  clear: () => void
  isJoined: (user: string) => boolean
  joined: () => string[]
  invited: () => string[]
  nameOf: (user: string) => string
  /** Of `m.room.encryption`. */
  algorithm: () => string | undefined
  historyVisibility: () => string | undefined
  /** The room that replaces this one. */
  replacement: () => string | undefined
  powerOf: (user: string) => number
  /** What it takes to send this state event. */
  powerFor: (type: string) => number
  /** What it takes to write an encrypted message. */
  powerToWrite: () => number
}

/** What is looked at. Anybody in the room may add others, without end. */
const used = new Set([
  'm.room.create',
  'm.room.encryption',
  'm.room.history_visibility',
  'm.room.member',
  'm.room.power_levels',
  'm.room.tombstone',
])

export function createRoomState(): RoomState {
  const events = new Map<string, StateEvent>()
  const content = (type: string, key = ''): Record<string, unknown> | undefined =>
    events.get(`${type}\n${key}`)?.content
  const members = (membership: string): string[] =>
    [...events.values()].flatMap(({ type, state_key: user, content: is }) =>
      type === 'm.room.member' && user !== undefined && is?.['membership'] === membership ? [user] : [],
    )
  const levels = (): Record<string, unknown> => content('m.room.power_levels') ?? {}
  const level = (of: unknown, otherwise: number): number => (typeof of === 'number' ? of : otherwise)
  const levelOf = (type: string): unknown => {
    const each = levels()['events']
    return typeof each === 'object' && each !== null ? (each as Record<string, unknown>)[type] : undefined
  }
  const creators = (): string[] => {
    const create = events.get('m.room.create\n')
    const more = create?.content?.['additional_creators']
    return [create?.sender, ...(Array.isArray(more) ? (more as unknown[]) : [])].filter((id) => typeof id === 'string')
  }
  /** Since version 12 a room's makers have endless power and stand on no list. */
  const makersRule = (): boolean => Number(content('m.room.create')?.['room_version'] ?? 1) >= 12
  return {
    apply: (given) => {
      for (const event of given)
        if (typeof event.state_key === 'string' && used.has(event.type))
          events.set(`${event.type}\n${event.state_key}`, event)
    },
    clear: () => events.clear(),
    isJoined: (user) => content('m.room.member', user)?.['membership'] === 'join',
    joined: () => members('join'),
    invited: () => members('invite'),
    nameOf: (user) => {
      const given = content('m.room.member', user)?.['displayname']
      const name = typeof given === 'string' ? [...oneLine(given)].slice(0, LONGEST_NAME).join('') : ''
      return name === '' || name.startsWith('#') ? localName(user) : name
    },
    algorithm: () => stringIn(content('m.room.encryption')?.['algorithm']),
    historyVisibility: () => stringIn(content('m.room.history_visibility')?.['history_visibility']),
    replacement: () => {
      const id = stringIn(content('m.room.tombstone')?.['replacement_room'])
      return id !== undefined && id.length <= LONGEST_ID ? id : undefined
    },
    powerOf: (user) => {
      if (makersRule() && creators().includes(user)) return Infinity
      const users = levels()['users']
      const own = typeof users === 'object' && users !== null ? (users as Record<string, unknown>)[user] : undefined
      return level(own, level(levels()['users_default'], 0))
    },
    powerFor: (type) => level(levelOf(type), level(levels()['state_default'], 50)),
    powerToWrite: () => level(levelOf('m.room.encrypted'), level(levels()['events_default'], 0)),
  }
}

const stringIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
