// A stand-in for a test file, and a client that goes past our store.
import { after, before } from 'mocha'
import { MongoClient } from 'mongodb'
import type { StandIn } from './stand-in.ts'
import { startStandIn } from './stand-in.ts'

/** Call inside describe(); what it returns may be asked for inside a test. */
export function useStandIn(): { server: () => StandIn; client: () => MongoClient } {
  let server: StandIn | undefined
  let client: MongoClient | undefined
  before(async () => {
    server = await startStandIn()
    client = await MongoClient.connect(server.url(''))
  })
  after(async () => {
    await client?.close()
    await server?.stop()
  })
  const inside = <T>(it: T | undefined): T => {
    if (it === undefined) throw new Error('Ask for the server inside a test, not before it.')
    return it
  }
  return { server: () => inside(server), client: () => inside(client) }
}
