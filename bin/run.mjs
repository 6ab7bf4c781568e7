// Running other programs without ever letting go of them.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/** Something a person can mend; only the message is shown. */
export class Refusal extends Error {
  constructor(message, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

export const say = (text) => process.stderr.write(`imok: ${text}\n`)

export const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2']

/** The exit code a shell would give: the program's own, or 128 + the number of the signal that ended it. */
export const exitCode = (code, signal) => (signal ? 128 + constants.signals[signal] : (code ?? 1))

/**
 * Runs a program in our process group, hands it every signal we get, and resolves with its exit code.
 * A terminal's Ctrl-C reaches the child twice (from the terminal and from us): programs must bear that.
 */
export function relay(file, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'inherit', ...options, detached: false })
    const pass = (signal) => child.kill(signal)
    for (const signal of SIGNALS) process.on(signal, pass)
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      for (const name of SIGNALS) process.off(name, pass)
      resolve(exitCode(code, signal))
    })
  })
}

/** Turns this process into the program where the system can (no parent left to feed or to orphan it), else relays. */
export async function become(file, args, { cwd }) {
  process.chdir(cwd)
  if (typeof process.execve === 'function' && process.platform !== 'win32') {
    process.removeAllListeners('warning')
    process.execve(file, [file, ...args], process.env)
  }
  return relay(file, args, { cwd })
}
