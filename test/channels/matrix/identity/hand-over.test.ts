import { expect } from 'chai'
import {
  confirmRecoveryKey,
  newStorageKey,
  pendingRecoveryKey,
  pendingStorageKey,
  storageKeyId,
} from '../../../../src/channels/matrix/identity/hand-over.ts'
import { decodeRecoveryKey } from '../../../../src/channels/matrix/identity/recovery-key.ts'

function memory(): { values: Map<string, string>; store: Parameters<typeof pendingRecoveryKey>[0] } {
  const values = new Map<string, string>()
  const store = {
    get: (key: string) => values.get(key),
    set: (given: Record<string, string | undefined>) => {
      for (const [key, value] of Object.entries(given))
        if (value === undefined) values.delete(key)
        else values.set(key, value)
    },
  }
  return { values, store }
}

/** The two groups that are asked for. */
function words(store: Parameters<typeof pendingRecoveryKey>[0]): string[] {
  const { recoveryKey, asked } = pendingRecoveryKey(store)!
  return asked.map((n) => recoveryKey.split(' ')[n - 1]!)
}

describe('handing over the recovery key', () => {
  it('has nothing to hand over before a key is made', () => {
    const { store } = memory()
    expect(pendingRecoveryKey(store)).to.be.undefined
    expect(pendingStorageKey(store)).to.be.undefined
    expect(confirmRecoveryKey(store, 'EsTx abcd')).to.equal('nothing-pending')
  })

  it('shows the same key and asks for the same two groups every time', () => {
    const { store } = memory()
    const { key, id } = newStorageKey(store)
    const pending = pendingRecoveryKey(store)!
    expect(decodeRecoveryKey(pending.recoveryKey).equals(key)).to.be.true
    expect(pendingStorageKey(store)).to.deep.equal({ id, key })
    expect(pendingRecoveryKey(store)).to.deep.equal(pending)
  })

  it('asks for two different groups of the twelve, whatever the key', () => {
    for (let n = 0; n < 200; n += 1) {
      const { store } = memory()
      newStorageKey(store)
      const [first, second] = pendingRecoveryKey(store)!.asked
      expect(first).to.be.within(1, 11)
      expect(second).to.be.within(first + 1, 12)
    }
  })

  it('forgets the key, and not its name, once the two groups are right', () => {
    const { store, values } = memory()
    const { id } = newStorageKey(store)
    const key = pendingRecoveryKey(store)!.recoveryKey
    expect(confirmRecoveryKey(store, `  ${words(store).join('\t ')}\n`)).to.equal('confirmed')
    expect(pendingRecoveryKey(store)).to.be.undefined
    expect(pendingStorageKey(store)).to.be.undefined
    expect(storageKeyId(store)).to.equal(id)
    expect([...values.values()].join(' ')).to.not.include(key.slice(0, 9))
  })

  it('keeps it after anything else', () => {
    const { store } = memory()
    newStorageKey(store)
    const [first, second] = words(store)
    for (const typed of [
      '',
      `${first}`,
      `${second} ${first}`,
      `${first} ${second} ${second}`,
      swapCase(`${first} ${second}`),
    ])
      expect(confirmRecoveryKey(store, typed), typed).to.equal('wrong')
    expect(pendingRecoveryKey(store)).to.not.be.undefined
  })
})

/** The first letter in the other case; digits have none, so every letter is turned. */
const swapCase = (text: string): string =>
  [...text].map((letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase())).join('')
