import { expect } from 'chai'
import { personOf, trusted } from '../../../src/channels/matrix/people.ts'
import { change } from '../../../src/channels/matrix/room-record.ts'
import { createRoomState } from '../../../src/channels/matrix/room-state.ts'

const member = (user: string, membership: string, displayname?: string) => ({
  type: 'm.room.member',
  state_key: user,
  sender: user,
  content: { membership, ...(displayname !== undefined && { displayname }) },
})
const ASHA = '@asha:hs'
const BEN = '@ben:hs'
const admins = [
  { id: ASHA, role: 'owner' },
  { id: BEN, role: 'admin' },
] as const
const empty = { id: 'room', version: 1, pins: {}, locked: {}, polls: {} }

describe('The room as the server describes it', () => {
  it('knows who is in it, and how they are called', () => {
    const state = createRoomState()
    state.apply([member(ASHA, 'join', 'Asha  K\u202e'), member(BEN, 'invite')])
    expect(state.joined()).to.deep.equal([ASHA])
    expect(state.invited()).to.deep.equal([BEN])
    expect(state.nameOf(ASHA)).to.equal('Asha  K')
    expect(state.nameOf(BEN)).to.equal('Ben')
  })

  it('a name that looks like the opening of an alarm is not used', () => {
    const state = createRoomState()
    state.apply([member(ASHA, 'join', '#7 CLOSED')])
    expect(state.nameOf(ASHA)).to.equal('Asha')
  })

  it('two of one name are told apart', () => {
    const state = createRoomState()
    state.apply([member(ASHA, 'join', 'Sam'), member(BEN, 'join', 'SAM')])
    expect(personOf(admins[0], admins, state).name).to.equal('Sam (@asha:hs)')
    expect(personOf(admins[1], admins, state).name).to.equal('SAM (@ben:hs)')
  })

  it('since version 12 whoever made it has endless power', () => {
    const state = createRoomState()
    const create = (version: string) => ({
      type: 'm.room.create',
      state_key: '',
      sender: '@imok:hs',
      content: { room_version: version },
    })
    const levels = {
      type: 'm.room.power_levels',
      state_key: '',
      content: { users: { [ASHA]: 100 }, state_default: 50 },
    }
    state.apply([create('12'), levels])
    expect(state.powerOf('@imok:hs')).to.equal(Infinity)
    state.apply([create('11')])
    expect(state.powerOf('@imok:hs')).to.equal(0)
    expect(state.powerOf(ASHA)).to.equal(100)
    expect(state.powerFor('m.room.pinned_events')).to.equal(50)
  })

  it('takes no more than it looks at, and no id that is none', () => {
    const state = createRoomState()
    const tombstone = (id: string) => ({ type: 'm.room.tombstone', state_key: '', content: { replacement_room: id } })
    state.apply([tombstone('!next:hs')])
    expect(state.replacement()).to.equal('!next:hs')
    state.apply([tombstone(`!${'x'.repeat(255)}:hs`)])
    expect(state.replacement()).to.equal(undefined)
  })

  it('what it takes to write there is not what it takes to change it', () => {
    const state = createRoomState()
    expect(state.powerToWrite()).to.equal(0)
    state.apply([{ type: 'm.room.power_levels', state_key: '', content: { events_default: 20 } }])
    expect(state.powerToWrite()).to.equal(20)
    state.apply([{ type: 'm.room.power_levels', state_key: '', content: { events: { 'm.room.encrypted': 30 } } }])
    expect([state.powerToWrite(), state.powerFor('m.room.pinned_events')]).to.deep.equal([30, 50])
  })

  it('stays with what stood in the settings when imok came, wherever it moved to since', () => {
    const came = change(empty, { type: 'joined', roomId: '!a:hs', setting: '#alarm:hs' })
    const followed = change(came, { type: 'followed', roomId: '!b:hs' })
    expect(followed).to.include({ roomId: '!b:hs', setting: '#alarm:hs' })
    expect(change(followed, { type: 'joined', roomId: '!b:hs', setting: '!b:hs' })).to.deep.equal({
      ...followed,
      setting: '!b:hs',
    })
  })

  it('writes to nobody but those who are on the list, in it, not locked and known by their keys', () => {
    const state = createRoomState()
    state.apply([member(ASHA, 'join'), member(BEN, 'join'), member('@eve:hs', 'join')])
    const pinned = change(change(empty, { type: 'pinned', user: ASHA, masterKey: 'A', at: 1 }), {
      type: 'pinned',
      user: BEN,
      masterKey: 'B',
      at: 1,
    })
    const keys: Record<string, string> = { [ASHA]: 'A', [BEN]: 'B', '@eve:hs': 'E' }
    const readers = (record = pinned): string[] => trusted(admins, state, record, (user) => keys[user])
    expect(readers()).to.deep.equal([ASHA, BEN])
    expect(readers(empty), 'without a pin').to.deep.equal([])
    expect(readers(change(pinned, { type: 'locked', user: BEN, at: 1, by: ASHA }))).to.deep.equal([ASHA])
    keys[ASHA] = 'rogue'
    expect(readers()).to.deep.equal([BEN])
    state.apply([member(BEN, 'leave')])
    expect(readers()).to.deep.equal([])
  })
})
