import type { Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { BSON } from 'mongodb'
import type { Document } from 'mongodb'
import { StoreError } from '../../../src/ports/store.ts'
import type { Link } from '../../../src/stores/mongodb/link.ts'
import { createDeafness, openLink } from '../../../src/stores/mongodb/link.ts'
import type { Row } from '../../../src/stores/mongodb/rows.ts'
import { Rows } from '../../../src/stores/mongodb/rows.ts'
import { createWire } from '../../../src/stores/mongodb/wire.ts'

interface Word extends Row {
  _id: string
  said: string
}

/** Of MongoDB's wire protocol: requests and answers, in the form of today and in that in which the driver introduces itself. */
const OP_REPLY = 1
const OP_QUERY = 2004
const OP_MSG = 2013
const HEADER = 16

/** The primary of a replica set of one, which does nothing, says that all went well, and remembers what it was asked. */
class Primary {
  readonly asked: Document[] = []
  readonly #open = new Set<Socket>()
  readonly #server: Server

  constructor() {
    this.#server = createServer((socket) => {
      this.#open.add(socket)
      socket.once('close', () => this.#open.delete(socket)).on('error', () => undefined)
      let unread = Buffer.alloc(0)
      socket.on('data', (bytes) => {
        unread = Buffer.concat([unread, bytes])
        while (unread.length >= 4 && unread.length >= unread.readInt32LE(0)) {
          const message = unread.subarray(0, unread.readInt32LE(0))
          unread = unread.subarray(message.length)
          socket.write(this.#answer(message))
        }
      })
    })
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  async stop(): Promise<void> {
    for (const socket of this.#open) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  get at(): string {
    return `127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`
  }

  #answer(message: Buffer): Buffer {
    const isOld = message.readInt32LE(12) === OP_QUERY
    const command = isOld ? queryIn(message) : commandIn(message)
    this.asked.push(command)
    const said = BSON.serialize({ ok: 1, ...this.#result(command) })
    // A reply of the old form says first how many documents it has, and where they begin; one of the new form has one section.
    const front = isOld ? Buffer.alloc(20) : Buffer.alloc(5)
    if (isOld) front.writeInt32LE(1, 16)
    const header = Buffer.alloc(HEADER)
    header.writeInt32LE(HEADER + front.length + said.length, 0)
    header.writeInt32LE(message.readInt32LE(4), 8)
    header.writeInt32LE(isOld ? OP_REPLY : OP_MSG, 12)
    return Buffer.concat([header, front, said])
  }

  #result(command: Document): Document {
    const [name] = Object.keys(command)
    switch (name) {
      case 'find':
        return { cursor: { id: 0n, ns: 'imok.words', firstBatch: [] } }
      case 'insert':
      case 'update':
      case 'delete':
        return { n: 1, nModified: 1 }
      default:
        return {
          ...{ helloOk: true, ismaster: true, isWritablePrimary: true, minWireVersion: 0, maxWireVersion: 21 },
          ...{ setName: 'rs', hosts: [this.at], me: this.at, primary: this.at, setVersion: 1 },
          ...{ maxBsonObjectSize: 16_777_216, maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000 },
          ...{ logicalSessionTimeoutMinutes: 30, localTime: new Date(), connectionId: 1, readOnly: false },
        }
    }
  }

  /** Of one kind. Rejects if there was none: a check of nothing checks nothing. */
  of(name: string): Document[] {
    const found = this.asked.filter((it) => Object.keys(it)[0] === name)
    if (found.length === 0) throw new Error(`no ${name} was asked for`)
    return found
  }
}

/** Flags, the collection's name, two numbers, the command. */
const queryIn = (message: Buffer): Document =>
  BSON.deserialize(message.subarray(message.indexOf(0, HEADER + 4) + 1 + 8))

/** Flags; then sections, of which the one of kind 0 is the command and the others are rows that belong to it. */
function commandIn(message: Buffer): Document {
  for (let at = HEADER + 4; at < message.length;) {
    const size = message.readInt32LE(at + 1)
    if (message[at] === 0) return BSON.deserialize(message.subarray(at + 1, at + 1 + size))
    at += 1 + size
  }
  throw new Error('a message without a command')
}

describe('what the database is asked for', () => {
  let primary: Primary
  let link: Link | undefined
  beforeEach(async () => {
    primary = new Primary()
    await primary.listen()
  })
  afterEach(async () => {
    await link?.close()
    link = undefined
    await primary.stop()
  })

  const open = async (given: string): Promise<Link> => (link = await openLink(`mongodb://${primary.at}/imok?${given}`))

  /** Everything that a store does with its rows, once. */
  const useAll = async ({ db }: Link): Promise<void> => {
    const rows = new Rows<Word>(
      db.collection<Word>('words'),
      createWire(() => undefined),
    )
    await rows.insert({ _id: 'a', said: 'once' })
    await rows.change('a', { said: 'once' }, { said: 'changed' })
    await rows.remove('a')
    await rows.find('a')
    await rows.list({})
    await rows.index({ said: 1 })
  }

  const promised = (): void => {
    const written = { w: 'majority', j: true, wtimeout: 5_000 }
    for (const name of ['insert', 'update', 'delete'])
      for (const it of primary.of(name)) expect(it['writeConcern'], name).to.deep.equal(written)
    const reads = primary.of('find')
    expect(reads).to.have.length(2)
    for (const it of reads) expect(it['readConcern'], 'find').to.include({ level: 'majority' })
    for (const it of primary.asked)
      expect(it['$readPreference'] ?? { mode: 'primary' }, Object.keys(it)[0]).to.deep.equal({ mode: 'primary' })
  }

  it('a majority has on disk what was written, and what is read, by the primary', async () => {
    await useAll(await open(''))
    promised()
  })

  for (const given of [
    'readPreference=secondaryPreferred',
    'readConcernLevel=local',
    'wtimeoutMS=1',
    'w=1',
    'w=0',
    'journal=false',
    'w=1&journal=false&wtimeoutMS=0',
  ])
    it(`whatever the address says: ${given}`, async () => {
      const opened = await open(given).catch((error: unknown) => error)
      if (opened instanceof StoreError) {
        // What the driver lets the address decide is refused.
        expect(opened.code).to.equal('mongodb-address')
        expect(opened.message).to.match(/ take readConcernLevel, w, journal and wtimeoutMS out of it/)
        return
      }
      await useAll(opened as Link)
      promised()
    })

  it('and nothing is waited for without an end, whatever the address says', async () => {
    const longer = ['connectTimeoutMS', 'serverSelectionTimeoutMS', 'socketTimeoutMS', 'waitQueueTimeoutMS']
    const given = [...longer, 'heartbeatFrequencyMS'].map((name) => `${name}=50000`).join('&')
    const { options } = (await open(`${given}&maxPoolSize=1`)).db.client
    expect(options).to.include({
      connectTimeoutMS: 3_000,
      serverSelectionTimeoutMS: 4_000,
      socketTimeoutMS: 6_000,
      waitQueueTimeoutMS: 6_000,
      heartbeatFrequencyMS: 2_000,
      maxPoolSize: 20,
    })
  })
})

describe('the address of a database', () => {
  it('is told without its password when it cannot be used', async () => {
    for (const given of ['readConcernLevel=local', 'nonsense=1']) {
      const error = await openLink(`mongodb://u:secret@127.0.0.1:9/imok?${given}`).catch((it: unknown) => it)
      expect(error).to.be.instanceOf(StoreError)
      const { code, message } = error as StoreError
      expect(code).to.equal('mongodb-address')
      expect(message).not.to.include('secret')
    }
  })
})

describe('a server of which nothing is heard', () => {
  /** Whether it counts as silent at the end of these looks, at seconds. */
  const isDeafAfter = (looks: readonly number[], heardAt: number): boolean => {
    const isDeaf = createDeafness()
    return looks.map((at) => isDeaf(at * 1_000, heardAt * 1_000)).at(-1) ?? false
  }
  const every = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n)

  it('is silent after six seconds', () => {
    expect(isDeafAfter(every(0, 15), 10)).to.equal(false)
    expect(isDeafAfter(every(0, 16), 10)).to.equal(true)
  })

  it('also where it never said anything, and where we look a little late', () => {
    expect(isDeafAfter(every(0, 6), -1)).to.equal(true)
    expect(isDeafAfter([0, 1.9, 3.8, 5.7, 7.6], 0)).to.equal(true)
  })

  it('is not, while it was we who stood still: then the six seconds begin', () => {
    expect(isDeafAfter([...every(0, 10), 30], 10)).to.equal(false)
    expect(isDeafAfter([...every(0, 10), ...every(30, 35)], 10)).to.equal(false)
    expect(isDeafAfter([...every(0, 10), ...every(30, 36)], 10)).to.equal(true)
  })
})
