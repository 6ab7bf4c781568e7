// Before an alarm is raised, what the member has said goes first, if it can be heard in time.
import { expect } from 'chai'
import type { Fence } from '../../src/app/fence.ts'
import { StoreError } from '../../src/ports/store.ts'
import { heldTexts } from '../support/held-texts.ts'
import { inOffice } from '../support/in-office.ts'
import { ELEVEN, MO, ms, tell } from '../support/story.ts'
import type { Story } from '../support/story.ts'
import { inRoom, walkers } from '../support/walkers.ts'

const CLEO = { channel: 'simulator', address: '+447700900003' } as const
const DUE = ELEVEN + ms('30m')

/** Mo is out until half past eleven; it is a tenth of a second before. Whose texts are held is applied only when `goOn` is called. */
const beforeTheDeadline = async (fence?: Fence): Promise<{ story: Story; hold: (address: string) => () => void }> => {
  const { store, hold } = heldTexts()
  const story = await tell({
    ...(fence && { fence }),
    store,
  })
  await story.register('Cleo', CLEO)
  await story.phone().texts('IN until 11:30')
  await story.goesOnTo(DUE - 100)
  return { story, hold }
}

const alarmedAt = async (story: Story): Promise<number | undefined> =>
  (await inRoom(story)).find(({ text }) => /^#1 OVERDUE/.test(text))?.at

for (const [who, fence] of [
  ['one kernel', undefined],
  ['one of several', inOffice()],
] as const)
  describe(`a deadline, watched by ${who}`, () => {
    it('waits a little for an OUT that came before it and is in line: no alarm', async () => {
      const { story, hold } = await beforeTheDeadline(fence)
      const goOn = hold(MO)
      await story.phone().texts('OUT')
      await story.goesOn(400)
      goOn()
      await story.forward('2s')
      expect(await alarmedAt(story)).to.equal(undefined)
      await story.phone().hears(/^OUT noted/)
    })

    it('waits no longer than half a second for what cannot be applied', async () => {
      const { story, hold } = await beforeTheDeadline(fence)
      hold(MO)
      await story.phone().texts('behind the mill')
      await story.forward('5s')
      expect(await alarmedAt(story)).to.be.within(DUE, DUE + 500)
    })

    it("does not wait for other people's texts", async () => {
      const { story, hold } = await beforeTheDeadline(fence)
      hold(CLEO.address)
      await story.phone(CLEO.address).texts('IN 10')
      await story.forward('5s')
      expect(await alarmedAt(story)).to.equal(DUE)
    })
  })

describe('a deadline, when the inbox cannot be read', () => {
  it('waits for an OUT that is here already', async () => {
    const { story, hold } = await beforeTheDeadline(inOffice())
    const goOn = hold(MO)
    await story.phone().texts('OUT')
    const pending = story.store.inbox.pending
    story.store.inbox.pending = () => Promise.reject(new StoreError('mongodb-unreachable', 'an election'))
    await story.goesOn(400)
    goOn()
    story.store.inbox.pending = pending
    await story.forward('2s')
    expect(await alarmedAt(story)).to.equal(undefined)
    await story.phone().hears(/^OUT noted/)
  })
})

/** Each call waits until the store is back, in the order of their coming, or is refused at once. */
class Away {
  is: 'there' | 'silent' | 'refusing' = 'there'
  #waiting: (() => void)[] = []

  back(): void {
    this.is = 'there'
    for (const goOn of this.#waiting.splice(0)) goOn()
  }

  of<T extends object>(part: T): T {
    return new Proxy(part, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function' || name === 'all') return value
        return async (...args: unknown[]): Promise<unknown> => {
          if (this.is === 'refusing') throw new StoreError('mongodb-unreachable', 'an election')
          if (this.is === 'silent') await new Promise<void>((goOn) => this.#waiting.push(goOn))
          return Reflect.apply(value, target, args) as unknown
        }
      },
    })
  }
}

describe('a deadline while the store of several kernels is away', () => {
  const away = new Away()
  let story: Story
  let asked: (() => Promise<void>) | undefined

  beforeEach(async () => {
    away.is = 'there'
    asked = undefined
    const { prove } = away.of({ prove: () => Promise.resolve(true) })
    story = await tell({
      fence: {
        ...inOffice(),
        prove: async () => {
          await asked?.()
          return prove()
        },
      },
      store: (store) => ({
        ...store,
        inbox: away.of(store.inbox),
        documents: away.of(store.documents),
        addresses: away.of(store.addresses),
      }),
    })
    await story.phone().texts('IN until 11:30')
  })

  const untilJustBefore = (): Promise<void> => story.goesOnTo(DUE - 100)
  /** It is back after so many real milliseconds, and the OUT is what people hear of. */
  const hearsOfTheOutAfter = async (real: number): Promise<void> => {
    await story.goesOn(real)
    away.back()
    await story.forward('5s')
    expect(await alarmedAt(story)).to.equal(undefined)
    await story.phone().hears(/^OUT noted/)
  }

  /** They are stored, and in the same moment the store is away. */
  const textOutAndThen = async (how: 'silent' | 'refusing', phones: readonly string[]): Promise<void> => {
    const { put, pending } = story.store.inbox
    // Of all that begins again when it is back, this takes longest.
    story.store.inbox.pending = async (known) => {
      const found = await pending(known)
      await story.clock.pause(100)
      return found
    }
    let count = 0
    story.store.inbox.put = async (item) => {
      const answer = await put(item)
      if (++count === phones.length) away.is = how
      return answer
    }
    await Promise.all(phones.map((phone) => story.phone(phone).texts('OUT')))
    story.store.inbox.put = put
  }

  for (const how of ['silent', 'refusing'] as const)
    it(`which is ${how}: an OUT that it had stored before goes first when it is back`, async () => {
      await untilJustBefore()
      await textOutAndThen(how, [MO])
      await hearsOfTheOutAfter(1_800)
    })

  it('of many people: nobody is only in line for the store', async () => {
    const all = await walkers(story, 40)
    for (const { address } of all) await story.phone(address).texts('in until 11:30')
    await untilJustBefore()
    await textOutAndThen('silent', [MO, ...all.map(({ address }) => address)])
    await story.goesOn(1_800)
    away.back()
    await story.forward('5s')
    expect((await inRoom(story)).filter(({ text }) => /^#\d+ (OVERDUE|ROLL-CALL)/.test(text))).to.deep.equal([])
  })

  it('goes after an OUT that was tried in vain, and is tried again now', async () => {
    await untilJustBefore()
    const find = story.store.addresses.find
    story.store.addresses.find = (address) => {
      away.is = 'refusing'
      story.store.addresses.find = find
      return find(address)
    }
    await story.phone().texts('OUT')
    // Its own next try was a moment ago.
    await hearsOfTheOutAfter(1_250)
  })

  it('alarms after three seconds, unsaved', async () => {
    await untilJustBefore()
    away.is = 'refusing'
    await story.forward('6s')
    const at = await alarmedAt(story)
    away.back()
    await story.forward('5s')
    expect(at).to.be.within(DUE + 2_900, DUE + 3_600)
    expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
  })

  it('is not called stuck when the store is back: everything waited for that', async () => {
    await untilJustBefore()
    away.is = 'silent'
    await story.forward('40s')
    away.back()
    await story.forward('20s')
    expect(await story.times('room', /^STUCK/)).to.equal(0)
    expect(await story.times('room', /^#1 OVERDUE/)).to.equal(1)
  })

  for (const [what, takes, latest] of [
    ['is there', 0, 500],
    ['is slow', 300, 1_000],
  ] as const)
    it(`alarms within ${String(latest)} ms if the store ${what} and only the inbox is silent`, async () => {
      await untilJustBefore()
      story.store.inbox.pending = () => new Promise(() => undefined)
      asked = () => story.clock.pause(takes)
      await story.forward('5s')
      expect(await alarmedAt(story)).to.be.within(DUE, DUE + latest)
    })
})

describe('many deadlines at once', () => {
  it('do not wait one after the other for an inbox that cannot be read', async () => {
    let isSilent = false
    const story = await tell({
      fence: inOffice(),
      store: (store) => ({
        ...store,
        inbox: {
          ...store.inbox,
          pending: (known) => (isSilent ? new Promise(() => undefined) : store.inbox.pending(known)),
        },
      }),
    })
    const all = await walkers(story, 100)
    for (const { address } of all) await story.phone(address).texts('in until 11:30')
    await story.goesOnTo(DUE - 5_000)
    isSilent = true
    await story.forward('7s')
    expect(story.engine.house.overview.incidents()).to.have.length(100)
    const heard = (await inRoom(story)).filter(({ text }) => /^#\d+ (OVERDUE|ROLL-CALL)/.test(text))
    expect(heard[0]?.at).to.be.within(DUE, DUE + 500)
  })
})
