// A copy of the working tree in a folder of its own, where a patch can be put in and taken out again.
import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Report } from './verdict.ts'

export interface WorkingCopy {
  /** Throws if the patch does not fit the sources. */
  apply: (patch: string) => void
  takeBack: (patch: string) => void
  /** Runs the tests of these files whose titles hold one of these texts. Undefined: mocha could not load them, or did not end. */
  run: (files: string[], titles: string[], longest: number) => Promise<Report | undefined>
  /** What mocha said on its error output in the last run. */
  said: () => string
  remove: () => void
}

/** Tests that roll dice roll the same every time: what was noticed once is noticed again. */
const SEED = 20_261_117

/** Everything that git knows or would know, but not what it ignores. Dependencies are linked, not copied. */
export function makeCopy(root: string, stop: AbortSignal): WorkingCopy {
  const folder = mkdtempSync(path.join(tmpdir(), 'imok-mutations-'))
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  for (const file of listed.toString().split('\0').filter(Boolean)) {
    const from = path.join(root, file)
    // Deleted but not committed, or a link: nothing to copy.
    if (!existsSync(from) || !lstatSync(from).isFile()) continue
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
    copyFileSync(from, path.join(folder, file))
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'dir')

  let said = ''
  const git = (...args: string[]): void => {
    // The folder may itself lie inside somebody's repository.
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: path.dirname(folder) }
    execFileSync('git', ['apply', '--whitespace=nowarn', ...args], { cwd: folder, env, stdio: 'pipe' })
  }

  const run: WorkingCopy['run'] = async (files, titles, longest) => {
    const output = path.join(folder, 'mutation-report.json')
    rmSync(output, { force: true })
    const args = ['--reporter', 'json', '--reporter-option', `output=${output}`, '--exit', '--grep', anyOf(titles)]
    const mocha = path.join('node_modules', 'mocha', 'bin', 'mocha.js')
    const child = spawn(process.execPath, [mocha, ...args, ...files], {
      cwd: folder,
      env: environment(),
      stdio: ['ignore', 'ignore', 'pipe'],
      signal: AbortSignal.any([stop, AbortSignal.timeout(longest)]),
      killSignal: 'SIGKILL',
    })
    said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(0, 2_000)))
    await new Promise<void>((resolve) => {
      child.once('error', () => undefined)
      child.once('close', () => resolve())
    })
    return existsSync(output) ? (JSON.parse(readFileSync(output, 'utf8')) as Report) : undefined
  }

  return {
    apply: (patch) => git(patch),
    takeBack: (patch) => git('--reverse', patch),
    run,
    said: () => said.trim(),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

const anyOf = (titles: string[]): string =>
  [...new Set(titles)].map((title) => title.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|')

/** Nothing that a shell happens to set for imok reaches the tests. */
function environment(): NodeJS.ProcessEnv {
  const rest = Object.entries(process.env).filter(([name]) => !name.startsWith('IMOK_') && name !== 'TEST_COUNTS')
  return { ...Object.fromEntries(rest), IMOK_TEST_SEED: String(SEED) }
}
