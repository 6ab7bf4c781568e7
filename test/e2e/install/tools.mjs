import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { findNpm, npmEnvironment } from '../../../bin/npm.mjs'
import { run } from '../run.mjs'

const folder = path.resolve(import.meta.dirname, '../tools')
const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))

const installed = (name) => {
  const file = path.join(folder, 'node_modules', name, 'package.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined
}

export const name = 'the test tools (Prism, matrix-js-sdk)'
export const isThere = () =>
  existsSync(path.join(folder, 'node_modules/.package-lock.json')) &&
  Object.entries(manifest.dependencies).every(([name, version]) => installed(name) === version)
export const get = () => {
  const options = ['--prefix', folder, '--ignore-scripts', '--loglevel=error', '--no-audit', '--no-fund']
  const { file, args } = findNpm()
  return run(file, [...args, 'ci', ...options], {
    cwd: folder,
    env: npmEnvironment(process.env),
  })
}
