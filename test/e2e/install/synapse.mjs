import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { home, python } from '../matrix/synapse-home.mjs'
import { aptInstall, run } from '../run.mjs'

const wanted = path.resolve(import.meta.dirname, '../tools/requirements.txt')
const note = path.join(home, 'installed-requirements.txt')

export const name = 'a Matrix homeserver (Synapse)'
/** The environment has what the list asks for: the list itself is put into it last. */
export const isThere = () =>
  existsSync(python) && existsSync(note) && readFileSync(note, 'utf8') === readFileSync(wanted, 'utf8')
export const get = async () => {
  try {
    await run('python3', ['-m', 'venv', home])
  } catch {
    await aptInstall(['python3', 'python3-venv'], 'Install Python 3.10 or later with its venv module.')
    await run('python3', ['-m', 'venv', home])
  }
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', wanted])
  await run('cp', [wanted, note])
}
