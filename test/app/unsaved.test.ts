import { expect } from 'chai'
import { createTermMemory } from '../../src/app/term-memory.ts'
import { createUnsaved } from '../../src/app/unsaved.ts'
import type { Effect } from '../../src/core/effect.ts'
import type { Member } from '../../src/core/member/member.ts'
import { clock, text } from '../../src/core/texts.ts'
import { MINUTE } from '../../src/core/time.ts'
import { silent } from '../support/memory-ports.ts'
import { virtualClock } from '../support/virtual-clock.ts'

describe('cries for help that cannot be saved, under one id', () => {
  const world = () => {
    const time = virtualClock(0)
    const sent: string[] = []
    const room = {
      send: ({ id }: { id: string }) => {
        sent.push(id)
        return Promise.resolve({ readers: 1 })
      },
    }
    const texts = { render: () => 'text', languages: ['en'] }
    const unsaved = createUnsaved(
      () => ({ room, texts, language: 'en', clock: time, log: silent.log }) as never,
      createTermMemory(),
    )
    const cry = (at: number): Effect =>
      ({
        ...{
          id: 'm1:5:1',
          purpose: 'alert',
          urgency: 'alert',
          recipient: { to: 'room' },
          state: 'pending',
          attempts: 0,
        },
        ...{ createdAt: 0, notBefore: 0, body: [text('room.sos', { number: 1, name: 'Mo', at: clock(at) })] },
      }) satisfies Effect
    const say = (at: number): void =>
      unsaved.say({
        id: 'm1',
        version: 4,
        incident: { number: 1, kind: 'sos' },
        effects: [cry(at)],
      } as unknown as Member)
    return { unsaved, sent, cry, say, clock: time }
  }

  it('each is heard, and once', () => {
    const { sent, say } = world()
    for (const at of [1, 2, 1, 2]) say(at)
    expect(sent).to.deep.equal(['m1:5:1', 'm1:5:1.after'])
  })

  it('do not fill the room should each try have another time', () => {
    const { sent, say } = world()
    for (let at = 0; at < 100; at++) say(at)
    expect(new Set(sent).size).to.equal(sent.length)
    expect(sent.length).to.equal(5)
  })

  it('said once more after a long time, one gets an id that the room does not know', async () => {
    const { unsaved, cry, say, clock: time } = world()
    say(1)
    say(2)
    await time.forward(6 * MINUTE, () => Promise.resolve())
    unsaved.saved({ id: 'm1', version: 5, effects: [cry(1)] })
    expect([1, 2, 3].map((at) => unsaved.idInRoom(cry(at)))).to.deep.equal([
      'm1:5:1.after.after',
      'm1:5:1.after',
      'm1:5:1.after.after.after',
    ])
  })
})
