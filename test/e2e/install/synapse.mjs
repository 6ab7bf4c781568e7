import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { home, python } from '../matrix/synapse-home.mjs'
import { aptInstall, run } from '../run.mjs'

const wanted = path.resolve(import.meta.dirname, '../tools/requirements.txt')
/** Written last, so that half an installation is none. */
const note = path.join(home, 'installed-requirements.txt')

export const name = 'a Matrix homeserver and a second app (Synapse, matrix-nio; about a minute)'
export const isThere = () =>
  existsSync(python) && existsSync(note) && readFileSync(note, 'utf8') === readFileSync(wanted, 'utf8')
export const get = async () => {
  rmSync(home, { recursive: true, force: true })
  try {
    await run('python3', ['-m', 'venv', home])
  } catch {
    await aptInstall(['python3', 'python3-venv'], 'Install Python 3.11 or later with its venv module.')
    await run('python3', ['-m', 'venv', home])
  }
  // One package comes as source: setuptools goes first, pinned too, so that its build fetches nothing unpinned.
  const first = path.join(home, 'first.txt')
  const pinned = readFileSync(wanted, 'utf8')
  writeFileSync(first, /^setuptools==(?:.*\\\n)*.*\n/m.exec(pinned)?.[0] ?? '')
  await pip('-r', first)
  await pip('--no-build-isolation', '--use-pep517', '-r', wanted)
  await run('cp', [wanted, note])
}

const pip = (...args) =>
  run(python, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--require-hashes',
    '--no-input',
    '--disable-pip-version-check',
    ...args,
  ])
