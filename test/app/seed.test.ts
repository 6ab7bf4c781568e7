import { expect } from 'chai'
import { seedMember } from '../../src/app/seed.ts'
import type { Member } from '../../src/core/member/member.ts'
import type { Store } from '../../src/ports/store.ts'
import { Medium, openMemoryStore } from '../../src/stores/memory/index.ts'
import { createKeeper } from '../../src/app/keeper.ts'

const address = { channel: 'simulator', address: '+447700900001' } as const

const seed = (store: Store, id: string): Promise<void> => {
  const kind = { kind: 'member', schema: 1, transition: (m: Member) => m, wakeAt: () => undefined } as const
  const members = createKeeper<Member, never>(kind, store.documents, () => undefined)
  return seedMember(store, { members }, { id, name: 'Mo Member', language: 'en', address })
}

const membersIn = async (store: Store): Promise<string[]> => {
  const ids: string[] = []
  for await (const { id } of store.documents.all('member')) ids.push(id)
  return ids
}

describe('the first member', () => {
  it('is one member with an address, wherever an earlier start died', async () => {
    for (let deaths = 1; ; deaths++) {
      let passed = -2 // opening the store passes two points by itself
      const dying = await openMemoryStore({
        hook: () => {
          if (++passed > deaths) throw new Error('the power fails')
        },
      })
      const survived = await seed(dying, 'first').then(
        () => true,
        () => false,
      )
      const store = await openMemoryStore({ medium: dying.crash() })
      await seed(store, 'second')
      expect(await membersIn(store), `death at ${deaths}`).to.have.length(1)
      expect(await store.addresses.find(address)).to.equal((await membersIn(store))[0])
      if (survived) break
    }
  })

  it('is not made again', async () => {
    const store = await openMemoryStore({ medium: new Medium() })
    await seed(store, 'first')
    await seed(store, 'second')
    expect(await membersIn(store)).to.deep.equal(['first'])
  })

  it('does not replace somebody whose record could not be read', async () => {
    const store = await openMemoryStore()
    await store.addresses.assign(address, 'first')
    store.damage.push({ id: 'first', what: 'torn', setAside: 'damaged' })
    await seed(store, 'second')
    expect(await membersIn(store)).to.deep.equal([])
    expect(await store.addresses.find(address)).to.equal('first')
  })
})
