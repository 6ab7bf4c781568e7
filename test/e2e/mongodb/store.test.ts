import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { storeContract } from '../../contract/store.ts'
import { mongoHarness } from './harness.ts'
import type { StandIn } from './stand-in.ts'
import { startStandIn } from './stand-in.ts'

describe('on a server that keeps all in memory', () => {
  let server: StandIn
  before(async () => {
    server = await startStandIn()
  })
  after(() => server.stop())
  storeContract(
    'the MongoDB store',
    mongoHarness(() => server.url('')),
  )
})

describe('on a server that keeps all in a file', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'imok-h2-'))
  let server: StandIn
  before(async () => {
    server = await startStandIn({ file: path.join(folder, 'data') })
  })
  after(async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  })
  storeContract(
    'the MongoDB store',
    mongoHarness(() => server.url('')),
  )
})
