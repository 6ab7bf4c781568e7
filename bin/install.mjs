// Installs what is missing: npm works in a folder aside, and the finished node_modules is moved into place in one step.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, utimesSync } from 'node:fs'
import path from 'node:path'
import { giveUpOn, missing, wanted } from './missing.mjs'
import { findNpm, npmEnvironment, whatNpmSays } from './npm.mjs'
import { exitCode, Refusal, say, SIGNALS } from './run.mjs'
import { remove, swap, turn } from './stage.mjs'

/** Installs the dependencies of a command; refuses with one sentence if what is required cannot be had. */
export async function install(root, development) {
  const stage = path.join(root, '.installing', String(process.pid))
  try {
    await turn(root, stage, development)
    const left = missing(root, development)
    if (left.required.length === 0 && left.optional.length === 0) return
    const before = Date.now()
    say(
      `installing ${wanted(root, development).length} packages${development ? ' (development ones too)' : ''}, once; this can take a minute`,
    )
    const trouble = await runNpm(stage, development)
    if (!trouble) {
      const now = missing(root, development)
      if (now.required.length > 0 || now.optional.length > 0) swap(root, stage)
      say(`installed in ${Math.round((Date.now() - before) / 1000)} s`)
    }
    const still = missing(root, development)
    if (still.required.length > 0) {
      throw new Refusal(
        `The dependencies could not be installed: ${trouble ?? `npm left out ${still.required[0]}; run this again, or "npm ci" to see why.`}`,
      )
    }
    giveUpOn(root, still.optional)
    if (trouble) say(`some optional packages could not be installed, going on without them: ${trouble}`)
  } catch (error) {
    if (error.code === 'EACCES' || error.code === 'EROFS' || error.code === 'ENOSPC' || error.code === 'EBUSY') {
      throw new Refusal(
        `The dependencies could not be installed into ${root}: ${error.message}. Free the space or make the folder writable, then run this again.`,
      )
    }
    throw error
  } finally {
    remove(stage)
  }
}

function runNpm(stage, development) {
  const { file, args } = findNpm()
  const flags = [
    'ci',
    '--prefix',
    stage,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--loglevel=error',
    '--include=optional',
    '--fetch-retries=3',
    '--fetch-retry-mintimeout=1000', // ms
    '--fetch-retry-maxtimeout=5000', // ms: without a network this is a sentence within seconds, not minutes
  ]
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...args, ...flags, development ? '--include=dev' : '--omit=dev'], {
      cwd: stage,
      env: npmEnvironment(process.env),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (text) => (output += text))
    child.stderr.on('data', (text) => (output += text))
    const started = Date.now()
    const progress = setInterval(() => {
      utimesSync(stage, new Date(), new Date()) // "alive" for the launches that wait
      say(
        `still installing (${Math.round((Date.now() - started) / 1000)} s, ${count(path.join(stage, 'node_modules'))} packages so far)`,
      )
    }, 3000)
    const stop = (signal) => {
      child.kill(signal)
      remove(stage)
      process.exit(exitCode(undefined, signal))
    }
    for (const signal of SIGNALS) process.on(signal, stop)
    child.once('error', (error) =>
      reject(
        error.code === 'ENOENT'
          ? new Refusal('npm was not found: install Node.js together with npm, then run this again.')
          : error,
      ),
    )
    child.once('close', (code) => {
      clearInterval(progress)
      for (const signal of SIGNALS) process.off(signal, stop)
      resolve(code === 0 ? undefined : whatNpmSays(output))
    })
  })
}

/** Folders come first and are filled later: a package is there when its package.json is. */
function count(folder) {
  try {
    const names = readdirSync(folder).flatMap((name) =>
      name.startsWith('@') ? readdirSync(path.join(folder, name)).map((inner) => `${name}/${inner}`) : [name],
    )
    return names.filter((name) => existsSync(path.join(folder, name, 'package.json'))).length
  } catch {
    return 0
  }
}
