import { expect } from 'chai'
import type { Address } from '../../src/core/address.ts'
import { aMessage } from './store.ts'
import type { Given } from './store.ts'

/** Addresses and the simulator's list. */
export function addressesContract(given: Given): void {
  const sms: Address = { channel: 'sms', address: '+447700900001' }
  const crash = async (): Promise<void> => {
    await given.harness.crash()
    given.store = await given.harness.open()
  }

  it('gives an address to one member', async () => {
    const tries = await Promise.all(['m1', 'm2', 'm3'].map((id) => given.store.addresses.assign(sms, id)))
    expect(tries.filter(Boolean)).to.have.length(1)
    const owner = `m${tries.indexOf(true) + 1}`
    await crash()
    expect(await given.store.addresses.find(sms)).to.equal(owner)
    expect(await given.store.addresses.assign(sms, owner)).to.equal(true)
    expect(await given.store.addresses.assign(sms, 'm9')).to.equal(false)
    expect(await given.store.addresses.find({ ...sms, channel: 'simulator' })).to.equal(undefined)
  })

  it('gives a released address to another', async () => {
    await given.store.addresses.release(sms)
    await given.store.addresses.assign(sms, 'm1')
    await given.store.addresses.release(sms)
    await crash()
    expect(await given.store.addresses.find(sms)).to.equal(undefined)
    expect(await given.store.addresses.assign(sms, 'm2')).to.equal(true)
    await crash()
    expect(await given.store.addresses.find(sms)).to.equal('m2')
  })

  it('lists what was sent once for each effect, in order, under numbers that never change', async () => {
    const { sent } = given.store
    const first = await Promise.all(['e1', 'e2', 'e1', 'e3'].map((id) => sent.append(id, aMessage(id))))
    expect(first).to.deep.equal([1, 2, 1, 3])
    await crash()
    expect(await given.store.sent.append('e2', aMessage('another text'))).to.equal(2)
    expect(await given.store.sent.append('e4', aMessage('e4'))).to.equal(4)
    const all = ['e1', 'e2', 'e3', 'e4'].map((id, i) => ({ ...aMessage(id), n: i + 1 }))
    expect(await given.store.sent.list(0)).to.deep.equal(all)
    expect(await given.store.sent.list(2)).to.deep.equal(all.slice(2))
    expect(await given.store.sent.list(4)).to.deep.equal([])
    const [entry] = await given.store.sent.list(3)
    entry!.buttons!.push('changed')
    expect(await given.store.sent.list(3)).to.deep.equal(all.slice(3))
  })
}
