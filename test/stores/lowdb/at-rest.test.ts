import { expect } from 'chai'
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadDataKey } from '../../../src/crypto/data-key.ts'
import { openLowdbStore } from '../../../src/stores/lowdb/index.ts'

const secrets = {
  name: 'Asha Okonkwo',
  number: '+447700900123',
  digits: '7700900123',
  note: 'abseiling, Gaping Gill',
  room: 'IN 60 at the cave',
  chat: '998877665544',
}

/** How bytes of ours could look in a file. */
function disguises(text: string): Buffer[] {
  const bytes = Buffer.from(text)
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(4, -4),
  )
  return [
    bytes,
    Buffer.from(text, 'utf16le'),
    Buffer.from(bytes.toString('hex')),
    ...base64.map((part) => Buffer.from(part)),
  ]
}

describe('the data folder', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'imok-rest-'))
  })
  afterEach(async () => rm(folder, { recursive: true }))

  it('holds no name, number or text in any byte of any file or file name, and is closed to others', async () => {
    const data = join(folder, 'data')
    const key = await loadDataKey(data)
    const store = await openLowdbStore({ folder: data, key })
    const from = { channel: 'sms', address: secrets.number } as const
    for (let version = 1; version <= 3; version++) {
      await store.documents.write({
        id: 'k3v9',
        kind: 'member',
        schema: 1,
        version,
        wakeAt: 1,
        body: { ...secrets, version },
      })
    }
    await store.documents.write({ id: 'group', kind: 'group', schema: 1, version: 1, body: [secrets.name] })
    const heard = { type: 'message', from, text: secrets.room, displayName: secrets.name } as const
    await store.inbox.put({ id: `sms:SM1`, sender: `sms:${secrets.number}`, receivedAt: Date.now(), heard })
    await store.inbox.put({ id: `telegram:${secrets.chat}`, sender: secrets.chat, receivedAt: Date.now(), heard })
    await store.inbox.failed('sms:SM1')
    await store.inbox.done('sms:SM1')
    await store.addresses.assign(from, 'k3v9')
    await store.addresses.assign({ channel: 'telegram', address: secrets.chat }, 'k3v9')
    await store.sent.append('k3v9:1:0', { to: secrets.number, text: secrets.note, at: 'now', buttons: [secrets.room] })
    await store.close()

    const found = await readdir(data, { recursive: true, withFileTypes: true })
    const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    expect(files).to.have.length(7)
    for (const entry of found) {
      const path = join(entry.parentPath, entry.name)
      expect((await stat(path)).mode & 0o777, path).to.equal(entry.isFile() ? 0o600 : 0o700)
    }
    expect((await stat(data)).mode & 0o777).to.equal(0o700)
    const keyText = (await readFile(join(data, 'key'), 'utf8')).trim()
    for (const path of files) {
      const bytes = Buffer.concat([Buffer.from(path), await readFile(path)])
      for (const [what, text] of Object.entries(secrets)) {
        for (const disguise of disguises(text)) expect(bytes.includes(disguise), `${what} in ${path}`).to.equal(false)
      }
      if (!path.endsWith('/key')) expect(bytes.includes(keyText.slice(0, 12)), `the key in ${path}`).to.equal(false)
    }
  })

  it('tells without the key when somebody is due, and no more', async () => {
    const store = await openLowdbStore({ folder, key: await loadDataKey(folder) })
    await store.documents.write({
      id: 'k3v9',
      kind: 'member',
      schema: 1,
      version: 1,
      wakeAt: 1_700_000_000_000,
      body: secrets,
    })
    await store.close()
    const record = JSON.parse(await readFile(join(folder, 'documents', 'k3v9.json'), 'utf8')) as Record<string, unknown>
    expect(Object.keys(record)).to.deep.equal(['format', 'kind', 'schema', 'keyId', 'version', 'wakeAt', 'sealed'])
    expect(record['wakeAt']).to.equal(1_700_000_000_000)
  })
})
