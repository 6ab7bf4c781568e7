import { Medium, openMemoryStore } from '../../src/stores/memory/index.ts'
import type { MemoryStore } from '../../src/stores/memory/index.ts'
import { storeContract } from '../contract/store.ts'

storeContract('the memory double', () => {
  let medium = new Medium()
  let left = Infinity
  let current: MemoryStore | undefined
  const hook = (): void => {
    if (--left <= 0) throw Object.assign(new Error('the process is dead'), { code: 'DEAD' })
  }
  return Promise.resolve({
    async open(options = {}) {
      current = await openMemoryStore({ now: () => 1_700_000_000_000, ...options, medium, hook })
      return current
    },
    dieAt(step: number) {
      left = step
    },
    isDead: () => left <= 0,
    crash() {
      medium = (current?.crash() ?? medium).copy()
      left = Infinity
      return Promise.resolve()
    },
    readable: () => Promise.resolve(JSON.stringify([[...medium.pending], [...medium.done]])),
    dispose: () => Promise.resolve(),
  })
})
