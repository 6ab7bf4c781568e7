// Where the end-to-end suite keeps its own Synapse: a Python environment beside the other tools, made by test/e2e/install.mjs.
import { existsSync } from 'node:fs'
import path from 'node:path'

export const home = path.resolve(import.meta.dirname, '../tools/python')
export const python = path.join(home, 'bin/python')

/** The Python that has Synapse. Throws with what to do if it is not there. */
export function findSynapse() {
  const given = process.env.IMOK_TEST_SYNAPSE_PYTHON ?? python
  if (!existsSync(given)) throw new Error('No Synapse here: run "npm run test:e2e", which installs it.')
  return given
}
