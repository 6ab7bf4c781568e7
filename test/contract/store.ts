import { expect } from 'chai'
import type { InboxItem } from '../../src/ports/inbox.ts'
import type { Document, SimulatedMessage, Store } from '../../src/ports/store.ts'
import { addressesContract } from './store-addresses.ts'
import { crashContract } from './store-crash.ts'
import { documentsContract } from './store-documents.ts'
import { inboxContract } from './store-inbox.ts'
import { tidyContract } from './store-tidy.ts'

/** How a store is opened, killed and opened again in the contract. */
export interface Harness {
  /** Opens what is durable; what was open before must be closed or dead. */
  open(options?: { now?: () => number }): Promise<Store>
  /** The process dies at the given step from now on, 1 being the next: that step and all later ones never happen. */
  dieAt(step: number): void
  /** Whether it came to that. */
  isDead(): boolean
  /** The process dies now, if it has not yet, and what is not durable is lost. */
  crash(): Promise<void>
  /** Whatever anybody who has the key can read in what lies there for the inbox, also where no store would look. */
  readable(): Promise<string>
  dispose(): Promise<void>
}

export interface Given {
  harness: Harness
  store: Store
}

/** What every store promises, whatever it is made of. */
export function storeContract(name: string, makeHarness: () => Promise<Harness>): void {
  describe(`${name} keeps the store's promises`, function () {
    this.timeout(60_000)
    const given = {} as Given
    beforeEach(async () => {
      given.harness = await makeHarness()
      given.store = await given.harness.open()
    })
    afterEach(async () => given.harness.dispose())

    documentsContract(given)
    inboxContract(given)
    addressesContract(given)
    crashContract(makeHarness)
    tidyContract(given, makeHarness)

    it('counts its terms of office up, whether it was closed or died', async () => {
      const epochs = [given.store.epoch]
      await given.store.close()
      epochs.push((await given.harness.open()).epoch)
      await given.harness.crash()
      epochs.push((await given.harness.open()).epoch)
      expect(epochs).to.deep.equal([epochs[0], epochs[0]! + 1, epochs[0]! + 2])
    })

    it('answers nothing but errors once it is closed', async () => {
      await given.store.documents.write(aDocument('m1', 1))
      await given.store.close()
      await given.store.close()
      const after = [
        given.store.documents.write(aDocument('m1', 2)),
        given.store.documents.erase('m1', 1),
        given.store.inbox.put(anItem('sms:1')),
        given.store.addresses.assign({ channel: 'sms', address: '+447700900001' }, 'm1'),
        given.store.sent.append('m1:1:0', aMessage('late')),
        given.store.tidy({ done: Infinity, setAside: 0 }),
      ]
      for (const call of after) expect(await failureOf(call)).to.deep.equal(['StoreError', 'closed'])
      const again = await given.harness.open()
      expect((await again.documents.read('m1'))?.version).to.equal(1)
      expect(await again.inbox.pending()).to.deep.equal([])
    })
  })
}

export const aDocument = (id: string, version: number, more: Partial<Document> = {}): Document => ({
  id,
  kind: 'member',
  schema: 1,
  version,
  body: { name: 'Mo Member', note: `version ${version}` },
  ...more,
})

export const anItem = (id: string, more: Partial<InboxItem> = {}): InboxItem => ({
  id,
  sender: 'sms:+447700900001',
  receivedAt: 1_700_000_000_000,
  heard: { type: 'message', from: { channel: 'sms', address: '+447700900001' }, text: `text of ${id}` },
  ...more,
})

export const aMessage = (text: string): SimulatedMessage => ({
  to: 'room',
  text,
  at: '2025-01-01T12:00:00.000Z',
  buttons: ['I have it'],
})

/** The name and the code of what was thrown; `nothing` if nothing was. */
export const failureOf = async (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'nothing',
    (error: unknown) => {
      const { name, code } = error as { name: string; code?: string }
      return code === undefined ? name : [name, code]
    },
  )
