// Brings what the end-to-end tests need: every file of install/ exports name, isThere() and get().
// get() may print; it throws an Error whose message says what to do.
import { readdirSync } from 'node:fs'
import path from 'node:path'

const folder = path.join(import.meta.dirname, 'install')
let failed = false

for (const file of readdirSync(folder).sort()) {
  const { name, isThere, get } = await import(path.join(folder, file))
  if (await isThere()) continue
  const before = Date.now()
  console.error(`imok: the end-to-end tests need ${name}: installing it`)
  try {
    await get()
    if (!(await isThere())) throw new Error('it was installed and is still not found')
    console.error(`imok: ${name} is there (${Math.round((Date.now() - before) / 1000)} s)`)
  } catch (error) {
    console.error(`imok: ${name} could not be installed: ${error.message}`)
    failed = true
  }
}
process.exit(failed ? 1 : 0)
