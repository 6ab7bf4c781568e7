// Running an installer with its progress in sight.
import { spawn } from 'node:child_process'

/** Runs a program on our terminal; throws unless it ends with 0. */
export function run(file, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options })
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`"${[file, ...args].join(' ')}" ended with ${signal ?? code}`)),
    )
  })
}

/** Installs Debian packages; needs root or a sudo that asks nothing. */
export async function aptInstall(packages, otherwise) {
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  const apt = (...args) => {
    const [file, ...rest] = [...sudo, 'apt-get', '-q', ...args]
    return run(file, rest, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
  }
  try {
    await apt('update')
    await apt('install', '-y', '--no-install-recommends', ...packages)
  } catch (error) {
    throw new Error(`${error.message}. ${otherwise}`, { cause: error })
  }
}
