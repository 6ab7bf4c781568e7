// Which Node runs the product: the one at hand if it is recent, else the one that came as a package.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { Refusal } from './run.mjs'

export const NEEDED = 24

/** Whether this very process runs a Node that the product can use. */
export const isRecent = (version = process.versions.node) => Number(version.split('.')[0]) >= NEEDED

/** The name of the package that carries Node for a platform; undefined where there is none. */
export function nodePackage(platform = process.platform, arch = process.arch) {
  return platform === 'linux' && (arch === 'x64' || arch === 'arm64') ? `node-linux-${arch}` : undefined
}

/** Whether the packaged Node must be there: when no other one is recent, or when it is what runs now. */
export const needsPackagedNode = (root) =>
  !isRecent() || process.execPath.startsWith(path.join(root, 'node_modules') + path.sep)

/** The path of a Node that can run the product; refuses with one sentence where there is none. */
export function pickNode(root) {
  if (isRecent() && existsSync(process.execPath)) return process.execPath
  const name = nodePackage()
  const have = `this is Node ${process.versions.node} on ${process.platform} ${process.arch}`
  if (!name) {
    const why = /^(arm|ia32|mips|mipsel|ppc|s390|riscv32)$/.test(process.arch)
      ? `no Node ${NEEDED} is made for 32-bit machines: use a 64-bit system`
      : `install Node ${NEEDED} or later from nodejs.org and run this again`
    throw new Refusal(`imok needs Node ${NEEDED} or later; ${have}; ${why}.`)
  }
  const node = path.join(root, 'node_modules', name, 'bin/node')
  if (spawnSync(node, ['--version']).status !== 0) {
    throw new Refusal(
      `imok needs Node ${NEEDED} or later; ${have}, and the packaged one (${name}) does not run here: install Node ${NEEDED} or later and run this again.`,
    )
  }
  return node
}
