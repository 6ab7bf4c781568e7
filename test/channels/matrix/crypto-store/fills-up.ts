// Writes until the disk is full, and says how often that went well.
import { openCryptoStore } from '../../../../src/channels/matrix/crypto-store/open-crypto-store.ts'
import { testSeal } from './folder.ts'

const failures: string[] = []
const onFailure = (code: string): void => void failures.push(code)
const store = await openCryptoStore({ folder: process.argv[2] ?? '', seal: testSeal, onFailure })
let written = 0
let code: unknown
while (code === undefined && written < 1000) {
  try {
    store.set({ n: String(written + 1), filler: 'x'.repeat(3000) })
    written++
  } catch (error) {
    code = (error as { code: unknown }).code
  }
}
console.log(JSON.stringify({ written, code, failures }))
