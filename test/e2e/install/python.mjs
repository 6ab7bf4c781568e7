import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { environment, findPython, python, pythonFolder } from '../python.mjs'
import { aptInstall, run } from '../run.mjs'

const requirements = path.join(pythonFolder, 'requirements.txt')
const pinned = readFileSync(requirements, 'utf8')
/** Written last, so that half an installation is none. */
const stamp = path.join(environment, 'installed')
const checksum = createHash('sha256').update(pinned).digest('hex')

export const name = 'a Matrix homeserver and client (Synapse, matrix-nio; about a minute)'
export const isThere = () => existsSync(python) && existsSync(stamp) && readFileSync(stamp, 'utf8') === checksum

export async function get() {
  if (findPython() === undefined)
    await aptInstall(
      ['python3', 'python3-venv'],
      'Install Python 3.11 or later with venv, or set TEST_PYTHON to its path.',
    )
  const base = findPython()
  if (base === undefined)
    throw new Error('no Python 3.11 or later with venv: install one and set TEST_PYTHON to its path')
  rmSync(environment, { recursive: true, force: true })
  await run(base, ['-m', 'venv', environment])
  // One package comes as source: setuptools goes first, pinned too, so that its build fetches nothing unpinned.
  const first = path.join(environment, 'first.txt')
  writeFileSync(first, /^setuptools==(?:.*\\\n)*.*\n/m.exec(pinned)?.[0] ?? '')
  await pip('-r', first)
  await pip('--no-build-isolation', '--use-pep517', '-r', requirements)
  writeFileSync(stamp, checksum)
}

const pip = (...args) =>
  run(python, ['-m', 'pip', 'install', '--require-hashes', '--no-input', '--disable-pip-version-check', ...args])
