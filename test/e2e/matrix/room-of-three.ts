// An encrypted room of three people on a fresh homeserver, each at a client of their own; the start of many stories.
import { startJsClient, type JsClient } from './js-client.ts'
import type { MatrixClient } from './matrix-client.ts'
import { startNioClient } from './nio-client.ts'
import { startProxy, type Proxy } from './proxy.ts'
import { startSynapse, type Synapse, type User } from './synapse.ts'

export interface RoomOfThree {
  readonly synapse: Synapse
  readonly users: { readonly asha: User; readonly ben: User; readonly nia: User }
  /** matrix-js-sdk; the room's creator. */
  readonly asha: JsClient
  /** matrix-js-sdk, behind the proxy. */
  readonly ben: JsClient
  /** What is between Ben and the homeserver. */
  readonly proxy: Proxy
  /** matrix-nio; its device is signed by nobody. */
  readonly nia: MatrixClient
  readonly roomId: string
  end(): Promise<void>
}

/** Starts all of it: five seconds on a quiet machine. */
export async function openRoomOfThree(): Promise<RoomOfThree> {
  const synapse = await startSynapse()
  const opened: (() => Promise<void>)[] = [() => synapse.stop()]
  const end = async (): Promise<void> => {
    for (const close of opened.splice(0).reverse()) await close()
  }
  const keep = <Kept extends { stop(): Promise<void> }>(kept: Kept): Kept => {
    opened.push(() => kept.stop())
    return kept
  }
  try {
    const users = {
      asha: await synapse.registerUser('asha'),
      ben: await synapse.registerUser('ben'),
      nia: await synapse.registerUser('nia'),
    }
    const proxy = keep(await startProxy(synapse.url))
    const at = (user: User, url = synapse.url) => ({ url, user: user.name, password: user.password })
    const asha = keep(await startJsClient(at(users.asha)))
    const ben = keep(await startJsClient(at(users.ben, proxy.url)))
    const nia = keep(await startNioClient(at(users.nia)))
    const roomId = await asha.createEncryptedRoom('Control', [ben.userId, nia.userId])
    await Promise.all([ben.joined(roomId), nia.joined(roomId)])
    for (const { userId } of [ben, nia]) await asha.waitFor(joins(roomId, userId))
    return { synapse, users, asha, ben, proxy, nia, roomId, end }
  } catch (error) {
    await end()
    throw error
  }
}

const joins =
  (roomId: string, userId: string): Parameters<MatrixClient['waitFor']>[0] =>
  (event) =>
    event.roomId === roomId &&
    event.type === 'm.room.member' &&
    event.stateKey === userId &&
    event.content['membership'] === 'join'
