// The whole of imok on a data folder that dies while somebody is out.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { compose } from '../../src/compose.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Store } from '../../src/ports/store.ts'
import { StoreError } from '../../src/ports/store.ts'
import { freePort } from '../support/free-port.ts'
import { silent } from '../support/memory-ports.ts'

describe('a data folder that can neither be written nor read any more', () => {
  it('and somebody is out: the alarm comes', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'imok-dead-'))
    let isDead = false
    const dead = (): Promise<never> => Promise.reject(new StoreError('EIO', 'the disk is gone'))
    const store = (given: Store): Store => {
      const { documents } = given
      given.documents = {
        read: (id) => (isDead ? dead() : documents.read(id)),
        write: (document) => (isDead ? dead() : documents.write(document)),
        erase: (id, version) => documents.erase(id, version),
        due: (until, limit) => documents.due(until, limit),
        all: (kind) => documents.all(kind),
      }
      return given
    }
    const heard = Promise.withResolvers<string>()
    const port = await freePort()
    const { config } = loadConfig({
      env: {
        IMOK_DATA_DIR: folder,
        IMOK_SIMULATOR: 'on',
        IMOK_SIMULATOR_SPEED: '60',
        IMOK_HTTP_HOST: '127.0.0.1',
        IMOK_HTTP_PORT: String(port),
      },
    })
    const kernel = await compose(config, silent.log, {
      decorate: {
        store,
        room: (room) => ({
          ...room,
          send: ({ text }) => {
            if (/OVERDUE/.test(text)) heard.resolve(text)
            return Promise.resolve({ readers: 1 })
          },
        }),
      },
    })
    try {
      await fetch(`http://127.0.0.1:${String(port)}/simulator/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', connection: 'close' },
        body: JSON.stringify({ from: '+447700900001', text: 'IN 1' }),
      })
      while (kernel.engine.house.overview.out().length === 0) await new Promise((go) => setTimeout(go, 10))
      isDead = true
      expect(await heard.promise).to.match(/^#1 OVERDUE, unconfirmed: Mo Member/)
    } finally {
      isDead = false
      await kernel.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }).timeout(10_000)
})
