// Finding npm, and making sense of what it says when it fails.
import { existsSync } from 'node:fs'
import path from 'node:path'

/** How to run npm: the one that runs us, else the one beside this Node, else the one on the PATH. */
export function findNpm(env = process.env, execPath = process.execPath) {
  const running = env.npm_execpath
  const beside = path.resolve(execPath, '../../lib/node_modules/npm/bin/npm-cli.js')
  const cli = [running, beside].find((file) => file && path.basename(file) === 'npm-cli.js' && existsSync(file))
  return cli ? { file: execPath, args: [cli] } : { file: 'npm', args: [] }
}

/** The environment for npm inside npm: without what the outer one says about the folder it works in. */
export function npmEnvironment(env) {
  const inner = { ...env }
  for (const name of Object.keys(inner)) {
    if (
      /^npm_(package_|lifecycle_|command$|config_(local_prefix|prefix|omit|include|production|dry_run|package_lock)$)/i.test(
        name,
      )
    )
      delete inner[name]
  }
  return inner
}

/** One sentence: what happened and what to do. */
export function whatNpmSays(output) {
  const code = /npm (?:error|ERR!) code (\w+)/.exec(output)?.[1] ?? ''
  if (
    /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|FETCH_ERROR|ERR_SOCKET_TIMEOUT)$/.test(
      code,
    )
  ) {
    return `the package registry cannot be reached (${code}). Check the network or the proxy, then run this again.`
  }
  if (code === 'ENOSPC') return 'the disk is full. Free about 500 MB, then run this again.'
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return `a folder cannot be written (${code}). Give yourself the right to write here and to npm's cache, then run this again.`
  if (code === 'EUSAGE')
    return 'package.json and package-lock.json do not agree. Restore both, or run "npm install" if you changed package.json.'
  if (code === 'EINTEGRITY')
    return 'a downloaded package does not match its checksum. Run "npm cache verify", then run this again; if it stays, do not trust the registry in use.'
  const line = output.split('\n').find((text) => /npm (error|ERR!)/.test(text) && !/code|A complete log/.test(text))
  return `npm failed${code && ` (${code})`}${line ? `: ${line.replace(/^npm (error|ERR!)\s*/, '').trim()}` : ''}. Run "npm ci" to see all it says.`
}
