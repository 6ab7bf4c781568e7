// A folder aside for one install, and its way into place. A killed install leaves nothing half done, and a kernel that
// runs from the old node_modules keeps finding its files.
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { missing, readJson } from './missing.mjs'
import { say } from './run.mjs'

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Waits until no other launch installs here, then takes the turn. Losing a race costs time, not correctness: see swap. */
export async function turn(root, stage, development) {
  const base = path.dirname(stage)
  mkdirSync(stage, { recursive: true })
  for (let said = false; ; said = true) {
    const ahead = readdirSync(base).filter((name) => {
      const folder = path.join(base, name)
      if (folder === stage) return false
      if (!isAlive(folder, Number(name))) return remove(folder)
      return Number(name) < process.pid || existsSync(path.join(folder, 'package.json'))
    })
    if (ahead.length === 0) return copyManifests(root, stage)
    if (!said) say('another launch is installing here, waiting for it')
    await wait(300)
    if (missing(root, development).required.length === 0) return
  }
}

/** A staging folder is alive while its process is, and has been touched within a minute (process ids come again). */
function isAlive(folder, pid) {
  try {
    if (Date.now() - statSync(folder).mtimeMs > 60_000) return false
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function copyManifests(root, stage) {
  mkdirSync(path.join(stage, 'node_modules'), { recursive: true })
  const lock = readJson(path.join(root, 'package-lock.json'))
  const workspaces = Object.keys(lock.packages).filter((place) => place !== '' && !place.includes('node_modules/'))
  for (const file of [
    'package.json',
    'package-lock.json',
    '.npmrc',
    ...workspaces.map((place) => `${place}/package.json`),
  ]) {
    if (existsSync(path.join(root, file))) cpSync(path.join(root, file), path.join(stage, file))
  }
}

/** Moves the finished folders into place. If another launch was faster, its folders stay and ours go. */
export function swap(root, stage) {
  const lock = readJson(path.join(stage, 'package-lock.json'))
  const workspaces = Object.keys(lock.packages).filter((place) => place !== '' && !place.includes('node_modules/'))
  for (const place of ['', ...workspaces]) {
    const fresh = path.join(stage, place, 'node_modules')
    const target = path.join(root, place, 'node_modules')
    if (!existsSync(fresh)) continue
    try {
      if (existsSync(target)) renameSync(target, path.join(stage, `old-${place.replaceAll('/', '-')}`))
      renameSync(fresh, target)
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(error.code)) throw error
    }
  }
}

export function remove(folder) {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
    rmdirSync(path.dirname(folder))
  } catch {
    // Somebody is still there; the next install clears it.
  }
}
