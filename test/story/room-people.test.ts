// Who may do what in the room, and whose keys count: the orders as people write them, on a room that only remembers what it was asked.
import { expect } from 'chai'
import type { Person, Role } from '../../src/core/address.ts'
import type { Followed, RoomPeople } from '../../src/ports/channel.ts'
import { Story } from '../support/story.ts'

const person = (name: string, role: Role): Person => ({ id: `@${name.toLowerCase()}:hs`, name, role })
const asha = person('Asha', 'owner')
const ben = person('Ben', 'admin')
const reader = person('Rita', 'read-only')

describe('Who may do what in the room', () => {
  const asked: string[] = []
  const answers: { follow: Followed['outcome'] } = { follow: 'done' }
  const people: RoomPeople = {
    find: (who) => [asha, ben, reader].filter(({ id }) => id.startsWith(`${who}:`) || id === who),
    repin: (id, by) => (asked.push(`repin ${id} by ${by.name}`), Promise.resolve('done')),
    lock: (id, by) => (asked.push(`lock ${id} by ${by.name}`), Promise.resolve('done')),
    unlock: (id, by) => (asked.push(`unlock ${id} by ${by.name}`), Promise.resolve('done')),
    follow: () => Promise.resolve({ outcome: answers.follow, where: '!new:hs' }),
    checks: () =>
      Promise.resolve([
        { of: 'history', ok: true },
        { of: 'strangers', ok: false, who: ['@eve:hs'] },
      ]),
  }
  let story: Story

  beforeEach(async () => {
    asked.length = 0
    story = new Story({ room: (room) => ({ ...room, people: () => people }) })
    await story.starts()
  })
  afterEach(() => story.stops())

  it('an owner confirms somebody’s new keys', async () => {
    await story.admin('repin @ben', asha)
    await story.roomHears(/^The new keys of Ben count from now on\. Confirmed by Asha/)
    expect(asked).to.deep.equal(['repin @ben:hs by Asha'])
  })

  it('nobody confirms their own, and no admin does', async () => {
    await story.admin('repin @asha', asha)
    await story.roomHears(/Nobody can confirm their own keys/)
    await story.admin('repin @asha', ben)
    await story.roomHears(/Ben is no owner/)
    expect(asked).to.deep.equal([])
  })

  it('an owner, and nobody else, says that the room was replaced; what is missing is said', async () => {
    await story.admin('repin room', ben)
    await story.roomHears(/Ben is no owner/)
    for (const [outcome, words] of [
      ['not-replaced', /^This room was not replaced/],
      ['not-invited', /^imok cannot enter !new:hs\. Invite imok/],
      ['not-encrypted', /^!new:hs is not encrypted/],
      ['done', /^Alarms come to this room from now on\. Asha said so/],
    ] as const) {
      answers.follow = outcome
      await story.admin('repin room', asha)
      await story.roomHears(words)
    }
  })

  it('any admin locks a lost phone, also their own; only an owner undoes it', async () => {
    await story.admin('lock @ben', ben)
    await story.roomHears(/^Locked by Ben: Ben/)
    await story.admin('unlock @rita', ben)
    await story.roomHears(/Ben is no owner/)
    expect(asked).to.deep.equal(['lock @ben:hs by Ben'])
  })

  it('whoever may only read changes nothing, and is told so', async () => {
    await story.phone().texts('SOS')
    await story.roomHears(/^#1 SOS/)
    await story.admin('take 1', reader)
    await story.roomHears(/Rita may look and not change anything/)
    await story.admin('board', reader)
    await story.roomHears(/not taken|take 1/)
    expect(await story.times('room', /TAKEN/)).to.equal(0)
  })

  it('doctor says how it is, and who is here who should not be', async () => {
    await story.admin('doctor', ben)
    const told = await story.roomHears(/^How imok is/)
    expect(told)
      .to.match(/well: the watch itself/)
      .and.match(/NOT well: nobody is here who is not an admin/)
      .and.include('@eve:hs')
  })

  it('a name that is nobody’s is said to be so', async () => {
    await story.admin('lock @zed', asha)
    await story.roomHears(/No admin here is called @zed/)
  })
})
