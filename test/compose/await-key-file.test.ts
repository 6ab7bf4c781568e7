import { createSecretKey, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { awaitKeyFile } from '../../src/compose/await-key-file.ts'
import { SECOND } from '../../src/core/time.ts'
import type { DataKey } from '../../src/crypto/data-key.ts'
import { virtualClock } from '../support/virtual-clock.ts'

describe('waiting for the file with the key', () => {
  it('offers what is a key, once; says what is none, once; and goes on looking', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'imok-await-'))
    const file = path.join(folder, 'mount', 'key')
    const clock = virtualClock(1_700_000_000_000)
    const offered: DataKey[] = []
    const logged: string[] = []
    const note = (message: string): void => void logged.push(message)
    const offer = (key: DataKey): Promise<void> => Promise.resolve(void offered.push(key))
    const off = awaitKeyFile(file, offer, { clock, log: { info: note, warn: note, error: note } })
    const until = async (isSo: () => boolean): Promise<void> => {
      while (!isSo()) await clock.forward(SECOND, () => new Promise((resolve) => setTimeout(resolve, 5)))
    }
    const later = (): Promise<void> => {
      const now = clock.now()
      return until(() => clock.now() > now + 20 * SECOND)
    }
    try {
      await later()
      expect([offered.length, logged.length], 'nothing is there').to.deep.equal([0, 0])
      mkdirSync(path.dirname(file))
      writeFileSync(file, 'half a k')
      await until(() => logged.length > 0)
      await later()
      expect(offered).to.deep.equal([])
      expect(logged).to.have.length(1)
      expect(logged[0]).to.match(/the key cannot be used: .*mount\/key: found 8 characters/)
      writeFileSync(file, 'x'.repeat(5_000_000))
      await until(() => /found 1000 characters/.test(logged.at(-1) ?? ''))
      const [one, other] = [randomBytes(32), randomBytes(32)]
      writeFileSync(file, `${one.toString('base64')}\n`)
      await until(() => offered.length > 0)
      await later()
      writeFileSync(file, other.toString('hex'))
      await until(() => offered.length > 1)
      expect(offered.map((key) => key.export())).to.deep.equal([one, other])
      expect(createSecretKey(one).equals(offered[0] ?? createSecretKey(other))).to.equal(true)
    } finally {
      off()
      rmSync(folder, { recursive: true })
    }
  })
})
