import { expect } from 'chai'
import { createLockedWatch } from '../../src/app/locked-watch.ts'
import type { LockedWatch } from '../../src/app/locked-watch.ts'
import type { MemberChannel } from '../../src/core/address.ts'
import { MINUTE, SECOND } from '../../src/core/time.ts'
import { createTexts } from '../../src/i18n/texts.ts'
import { temporalZone } from '../../src/i18n/zone.ts'
import type { Channel } from '../../src/ports/channel.ts'
import { Line, optedOut, refuses, works } from '../support/outside.ts'
import { memoryInbox } from '../support/memory-ports.ts'
import { virtualClock } from '../support/virtual-clock.ts'
import type { VirtualClock } from '../support/virtual-clock.ts'

const NOON = Date.UTC(2026, 6, 1, 11) // 12:00 in London
const BEN = { channel: 'sms', address: '+447700900200' } as const
const CLEO = { channel: 'sms', address: '+447700900201' } as const
const duty = [
  { id: '@ben:example.org', addresses: [BEN] },
  { id: '@cleo:example.org', addresses: [CLEO] },
]

/** A locked kernel at noon; `due`: minutes from then. */
const watchOf = (
  due: number[] | undefined,
  verdict: Line['verdict'] = works,
  notBefore = 0,
  isWatched?: () => boolean,
) => {
  const clock: VirtualClock = virtualClock(NOON)
  const line = new Line('sms')
  line.verdict = verdict
  const logged: string[] = []
  const numbers = new Map<string, number>()
  const note = (message: string): void => void logged.push(message)
  const watch: LockedWatch = createLockedWatch({
    due: due?.map((minutes) => NOON + minutes * MINUTE),
    ...(isWatched && { isWatched }),
    notBefore,
    duty,
    channels: new Map<MemberChannel, Channel>([['sms', line.open(memoryInbox(), clock)]]),
    texts: createTexts({ zone: temporalZone('Europe/London') }),
    language: 'en',
    todo: 'npm run unlock',
    taken: () => 0,
    clock,
    log: { info: note, warn: note, error: note },
    metrics: { count: () => undefined, observe: () => undefined, set: (name, value) => void numbers.set(name, value) },
  })
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  watch.start()
  return { watch, line, logged, numbers, forward: (by: number) => clock.forward(by, settled) }
}

describe('a locked kernel', () => {
  it('says every minute how many are out and overdue, and what to do', async () => {
    const { logged, forward, numbers } = watchOf([2.5, 60])
    await forward(3 * MINUTE)
    expect(logged).to.deep.equal([
      'locked; 2 out, 0 overdue; unlock: npm run unlock',
      'locked; 2 out, 0 overdue; unlock: npm run unlock',
      'locked; 2 out, 0 overdue; unlock: npm run unlock',
      'locked; 2 out, 1 overdue; unlock: npm run unlock',
    ])
    expect(numbers.get('imok_locked')).to.equal(1)
    expect(numbers.get('imok_watching')).to.equal(0)
    expect(numbers.get('imok_locked_overdue')).to.equal(1)
  })

  it('texts everybody on duty the moment somebody is overdue, and every ten minutes after, without any content', async () => {
    const { line, forward } = watchOf([0.5])
    await forward(29 * SECOND)
    expect(line.sent).to.deep.equal([])
    await forward(2 * SECOND)
    const words = 'imok: it is locked, and nobody watches. Somebody must unlock it now. 12:00'
    expect([line.to(BEN.address), line.to(CLEO.address)]).to.deep.equal([[words], [words]])
    await forward(9 * MINUTE)
    expect(line.sent).to.have.length(2)
    await forward(MINUTE)
    expect(line.to(BEN.address)).to.have.length(2)
    expect(new Set(line.sent.map(({ id }) => id)).size, 'ids').to.equal(4)
    await forward(10 * MINUTE)
    expect(line.to(BEN.address)).to.have.length(3)
  })

  it('texts at once when somebody was overdue before it started', async () => {
    const { line, forward } = watchOf([-5, 20])
    await forward(0)
    expect(line.sent).to.have.length(2)
  })

  it('texts once, after a minute, while somebody is out and nobody overdue; and again when somebody is', async () => {
    const { line, forward } = watchOf([30])
    await forward(MINUTE - SECOND)
    expect(line.sent).to.deep.equal([])
    await forward(2 * SECOND)
    expect(line.to(BEN.address)).to.have.length(1)
    await forward(28 * MINUTE)
    expect(line.to(BEN.address)).to.have.length(1)
    await forward(MINUTE)
    expect(line.to(BEN.address)).to.have.length(2)
  })

  it('texts nobody when nobody is out', async () => {
    const { line, logged, forward } = watchOf([])
    await forward(60 * MINUTE)
    expect(line.attempts).to.deep.equal([])
    expect(logged.at(-1)).to.match(/^locked; 0 out, 0 overdue/)
  })

  it('that does not know who is out says so, and takes it that somebody may be', async () => {
    const { line, logged, forward } = watchOf(undefined)
    await forward(2 * MINUTE)
    expect(logged.at(-1)).to.match(/^locked; nobody knows who is out; unlock/)
    expect(line.to(BEN.address)).to.have.length(1)
    await forward(10 * MINUTE)
    expect(line.to(BEN.address)).to.have.length(2)
  })

  it('on a machine whose clock is behind goes by the moment at which the list was written', async () => {
    const { line, forward } = watchOf([60], works, NOON + 60 * MINUTE)
    await forward(0)
    expect(line.to(BEN.address)).to.deep.equal([
      'imok: it is locked, and nobody watches. Somebody must unlock it now. 13:00',
    ])
  })

  it('beside another one that watches texts nobody; when that one is gone everybody on duty hears after a minute', async () => {
    let isWatched = false
    const { line, logged, forward } = watchOf(undefined, works, 0, () => isWatched)
    await forward(20 * SECOND)
    isWatched = true
    await forward(20 * MINUTE)
    expect(line.attempts).to.deep.equal([])
    expect(logged.at(-1)).to.equal('locked; another kernel watches; unlock: npm run unlock')
    isWatched = false
    await forward(MINUTE - SECOND)
    expect(line.attempts).to.deep.equal([])
    expect(logged.at(-1)).to.equal('locked; nobody knows who is out; unlock: npm run unlock')
    await forward(2 * SECOND)
    expect([line.to(BEN.address), line.to(CLEO.address)].map((all) => all.length)).to.deep.equal([1, 1])
    await forward(10 * MINUTE)
    expect(line.to(BEN.address)).to.have.length(2)
    isWatched = true
    await forward(30 * MINUTE)
    expect(line.to(BEN.address)).to.have.length(2)
  })

  it('tries whoever could not be reached again every minute, and keeps nobody else waiting for them', async () => {
    const { line, forward } = watchOf([-5], (text, to) => (to === BEN.address ? refuses(text, to) : undefined))
    await forward(3 * MINUTE + SECOND)
    expect(line.attempts.filter(({ to }) => to === BEN.address)).to.have.length(4)
    expect(line.to(CLEO.address)).to.have.length(1)
    line.verdict = works
    await forward(MINUTE)
    expect(line.to(BEN.address)).to.have.length(1)
  })

  it('does not try a dead line every minute', async () => {
    const { line, forward } = watchOf([-5], optedOut)
    await forward(9 * MINUTE)
    expect(line.attempts).to.have.length(2)
    await forward(MINUTE)
    expect(line.attempts).to.have.length(4)
  })

  it('tells nobody anything when it is unlocked', async () => {
    const { watch, line, logged, numbers, forward } = watchOf([-5])
    await forward(0)
    await watch.stop()
    await forward(60 * MINUTE)
    expect(line.sent).to.have.length(2)
    expect(logged).to.have.length(1)
    expect([numbers.get('imok_locked'), numbers.get('imok_locked_overdue')]).to.deep.equal([0, 0])
  })
})
