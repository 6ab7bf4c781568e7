import { expect } from 'chai'
import type { Inbox, InboxItem } from '../../src/ports/inbox.ts'
import { anItem } from './store.ts'
import type { Given } from './store.ts'

const HOUR = 3_600_000

export function inboxContract(given: Given): void {
  const inbox = (): Inbox => given.store.inbox
  const crash = async (): Promise<void> => {
    await given.harness.crash()
    given.store = await given.harness.open()
  }
  const ids = async (): Promise<string[]> => (await inbox().pending()).map(({ id }) => id)

  it('keeps what was put, in order, until it is done, through any crash', async () => {
    const items = Array.from({ length: 30 }, (_, i) => anItem(`sms:${(i * 7) % 30}`, { sender: `sms:${i % 3}` }))
    expect(new Set(await Promise.all(items.map((item) => inbox().put(item))))).to.deep.equal(new Set(['stored']))
    expect(await inbox().pending()).to.deep.equal(items)
    await crash()
    expect(await inbox().pending()).to.deep.equal(items)
    await Promise.all(items.slice(0, 28).map(({ id }) => inbox().done(id)))
    await crash()
    expect(await inbox().pending()).to.deep.equal(items.slice(28))
  })

  it('need not read again what is known, and gives it back in its place', async () => {
    const items = Array.from({ length: 9 }, (_, i) => anItem(`sms:${String(i)}`))
    for (const item of items) await inbox().put(item)
    await inbox().done('sms:4')
    const isKnown = (item: InboxItem): boolean => ['sms:2', 'sms:3', 'sms:4', 'sms:7'].includes(item.id)
    const found = await inbox().pending((id) => items.find((item) => item.id === id && isKnown(item)))
    expect(found).to.deep.equal(items.filter(({ id }) => id !== 'sms:4'))
  })

  it('takes one id once: at the same time, later, after a crash, when it is done', async () => {
    const same = await Promise.all(Array.from({ length: 5 }, () => inbox().put(anItem('sms:1'))))
    expect(same.sort()).to.deep.equal(['duplicate', 'duplicate', 'duplicate', 'duplicate', 'stored'])
    await crash()
    expect(await inbox().put(anItem('sms:1'))).to.equal('duplicate')
    await inbox().done('sms:1')
    expect(await inbox().put(anItem('sms:1'))).to.equal('duplicate')
    await crash()
    expect(await inbox().put(anItem('sms:1'))).to.equal('duplicate')
    expect(await ids()).to.deep.equal([])
  })

  it('counts failures of an item, durably', async () => {
    await inbox().put(anItem('sms:1'))
    await inbox().put(anItem('sms:2'))
    expect(await inbox().failed('sms:1')).to.equal(1)
    expect((await Promise.all([inbox().failed('sms:1'), inbox().failed('sms:1')])).sort()).to.deep.equal([2, 3])
    await crash()
    expect(await inbox().pending()).to.deep.equal([anItem('sms:1', { failures: 3 }), anItem('sms:2')])
    expect(await inbox().failed('sms:1')).to.equal(4)
    expect(await inbox().failed('sms:unheard-of')).to.equal(0)
    await inbox().done('sms:unheard-of')
    expect(await ids()).to.deep.equal(['sms:1', 'sms:2'])
  })

  it('knows an id for 72 hours, and one that is not done for ever', async () => {
    const start = 1_700_000_000_000
    let now = start
    await given.store.close()
    given.store = await given.harness.open({ now: () => now })
    for (const id of ['sms:done', 'sms:waiting']) await inbox().put(anItem(id, { receivedAt: start }))
    await inbox().done('sms:done')
    now = start + 72 * HOUR
    expect(await inbox().put(anItem('sms:done', { receivedAt: now }))).to.equal('duplicate')
    now += 1
    expect(await inbox().put(anItem('sms:done', { receivedAt: now }))).to.equal('stored')
    expect(await inbox().put(anItem('sms:waiting', { receivedAt: now }))).to.equal('duplicate')
    expect(await ids()).to.deep.equal(['sms:waiting', 'sms:done'])
  })

  it('shares no object with its callers', async () => {
    const item = anItem('sms:1')
    const putting = inbox().put(item)
    Object.assign(item.heard, { text: 'changed' })
    await putting
    const [read] = await inbox().pending()
    expect(read).to.deep.equal(anItem('sms:1'))
    Object.assign(read!.heard, { text: 'changed' })
    expect(await inbox().pending()).to.deep.equal([anItem('sms:1')])
  })
}
