import type { Fence } from '../../src/app/fence.ts'

/** One of several kernels, and the one that acts. */
export const inOffice = (): Fence => ({
  left: () => 10_000,
  isOurs: () => true,
  isCutOff: () => false,
  prove: () => Promise.resolve(true),
})
