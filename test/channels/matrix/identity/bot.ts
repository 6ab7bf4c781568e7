// A bot whose machine and memory outlive a crash, as on a disk: everything else of it is thrown away.
import * as idb from 'fake-indexeddb'
import { DeviceId, OlmMachine, StoreHandle, UserId } from '@matrix-org/matrix-sdk-crypto-wasm'
import type { MatrixApi } from '../../../../src/channels/matrix/api.ts'
import type { Desk } from '../../../../src/channels/matrix/identity/ensure-identity.ts'
import type { SmallValues } from '../../../../src/channels/matrix/small-values.ts'
import { FakeHomeserver } from '../../../support/fake-homeserver.ts'

export const BOT = '@imok:example.org'

/** The wasm finds IndexedDB among the globals. For one suite only, because other tests may put another one there. */
export function withIndexedDb(): void {
  const names = Object.keys(idb).filter((name) => name.startsWith('IDB') || name === 'indexedDB')
  const others = new Map<string, PropertyDescriptor | undefined>()
  before(() => {
    // Looked at only now: a suite that ran before this one may have put some there.
    for (const name of names) {
      others.set(name, Object.getOwnPropertyDescriptor(globalThis, name))
      Object.defineProperty(globalThis, name, {
        value: idb[name as keyof typeof idb],
        configurable: true,
        writable: true,
      })
    }
  })
  after(() => {
    for (const [name, descriptor] of others)
      if (descriptor) Object.defineProperty(globalThis, name, descriptor)
      else Reflect.deleteProperty(globalThis, name)
  })
}

let databases = 0

export class Bot implements Desk {
  readonly server: FakeHomeserver
  readonly api: MatrixApi
  readonly memory = new Map<string, string>()
  readonly store: SmallValues
  machine: OlmMachine
  readonly #database: string

  private constructor(server: FakeHomeserver, api: MatrixApi, machine: OlmMachine, database: string) {
    this.server = server
    this.api = api
    this.machine = machine
    this.#database = database
    this.store = {
      get: (key) => this.memory.get(key),
      set: (values) => {
        for (const [key, value] of Object.entries(values))
          if (value === undefined) this.memory.delete(key)
          else this.memory.set(key, value)
      },
    }
  }

  /** With an empty disk, signed in as this device. */
  static async start(server = new FakeHomeserver(), device = 'BOTDEVICE', user = BOT): Promise<Bot> {
    databases += 1
    const database = `bot-${databases}`
    return new Bot(server, server.api(user, device), await open(user, device, database), database)
  }

  /** What a killed process leaves is on the disk; the machine is read from there. */
  async restart(): Promise<void> {
    this.machine.close()
    this.machine = await open(this.api.userId, this.api.deviceId, this.#database)
  }
}

async function open(user: string, device: string, database: string): Promise<OlmMachine> {
  return OlmMachine.initFromStore(new UserId(user), new DeviceId(device), await StoreHandle.open(database, undefined))
}
