import { expect } from 'chai'
import { createSaidForNothing } from '../../src/app/said-for-nothing.ts'
import type { SaidAlarm } from '../../src/app/unsaved.ts'
import type { Effect } from '../../src/core/effect.ts'
import type { Member } from '../../src/core/member/member.ts'

const NOW = 1_700_000_000_000
const said: SaidAlarm = {
  member: 'm1',
  since: NOW,
  version: 4,
  number: 7,
  kind: 'overdue',
  opening: '',
  body: '',
  idInRoom: 'm1:5:2',
  saidAt: NOW,
}
const alarm = { id: 'm1:5:2', purpose: 'alert', recipient: { to: 'room' }, state: 'pending', attempts: 0 }

describe('an alarm that the room heard and the store did not save', () => {
  const isStoodDown = async (record: Partial<Member>, more: Partial<SaidAlarm> = {}): Promise<boolean> => {
    const announced: string[] = []
    const member = { id: 'm1', name: 'Mo', version: 6, effects: [], ...record } as unknown as Member
    const { look } = createSaidForNothing({
      house: { members: { read: () => Promise.resolve(member) } as never, numberSpent: () => undefined },
      unsaved: () => ({
        members: () => ['m1'],
        of: () => [['m1:5:2', { ...said, ...more }]],
        forget: () => undefined,
      }),
      announce: (id) => {
        announced.push(id)
        return Promise.resolve()
      },
      clock: { now: () => NOW },
    })
    await look()
    return announced.length > 0
  }
  const session = (dueAt: number): Partial<Member> => ({ session: { dueAt } as Member['session'] & object })
  const withEffect = (more: object): Partial<Member> => ({ effects: [{ ...alarm, ...more } as unknown as Effect] })

  for (const [when, record, isIt] of [
    ['the session is over by a newer record', {}, true],
    ['there is more time by a newer record', session(NOW + 1), true],
    ['it was taken back in the record before anybody said it for the record', withEffect({ state: 'cancelled' }), true],
    ['something else has its id there', withEffect({ purpose: 'taken' }), true],
    ['the time is over by the record, too: it is raised in a moment', session(NOW), false],
    [
      'an alarm is open, whatever its number',
      { incident: { number: 8, kind: 'overdue' } as Member['incident'] & object },
      false,
    ],
    ['the record is what it was to be saved into', { version: 4 }, false],
    ['it is saved and waits to be said', withEffect({}), false],
    [
      'it was taken back while it was being said, which has its own end',
      withEffect({ state: 'cancelled', attempts: 1, doubtSince: 1 }),
      false,
    ],
    ['it was taken back when the room had refused it', withEffect({ state: 'cancelled', attempts: 1 }), true],
  ] as const)
    it(`is ${isIt ? '' : 'not '}stood down: ${when}`, async () => {
      expect(await isStoodDown(record)).to.equal(isIt)
    })

  it('is not stood down if it was a cry for help', async () => {
    expect(await isStoodDown({}, { kind: 'sos' })).to.equal(false)
  })
})
