import { expect } from 'chai'
import { createKeeper } from '../../src/app/keeper.ts'
import { openMemoryStore } from '../../src/stores/memory/index.ts'

interface Words {
  id: string
  version: number
  said: string[]
}

describe('the keeper of records', () => {
  it('saves together what comes in the same moment, in its order', async () => {
    const { documents } = await openMemoryStore()
    const versions: number[] = []
    const keeper = createKeeper<Words, string>(
      {
        kind: 'watch',
        schema: 1,
        transition: (words, event) => ({ ...words, said: [...words.said, event] }),
        wakeAt: () => undefined,
        create: (id) => ({ id, version: 0, said: [] }),
      },
      documents,
      ({ version }) => versions.push(version),
    )
    const [first] = await Promise.all([keeper.apply('a', 'first'), keeper.apply('a', 'second')])
    expect(first).to.deep.equal({ id: 'a', version: 1, said: ['first', 'second'] })
    expect(versions).to.deep.equal([1])
  })
})
