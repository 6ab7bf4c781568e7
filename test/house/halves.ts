// npm test and npm run test:e2e: two mochas side by side, where one alone would mostly wait, or leave one of two processors idle.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** What the arguments of each half have in common, and the folders that are a half of their own. */
const suites: Record<
  string,
  { mocha: readonly string[]; all: string; apart: readonly string[]; not: readonly string[] }
> = {
  unit: { mocha: [], all: 'test/**/*.test.ts', apart: ['test/core/**', 'test/story/**'], not: ['test/e2e/**'] },
  e2e: {
    mocha: ['--config', 'test/e2e/mocharc.json'],
    all: 'test/e2e/**/*.test.ts',
    apart: ['test/e2e/matrix/**'],
    not: [],
  },
}

interface Counts {
  passed: number
  failed: number
  /** What failed, a line each. */
  names: string
}

/** What it prints is shown when it has ended, unless it `isShown` as it goes. One failure if it ended without having counted. */
async function play(args: readonly string[], isShown: boolean, file: string): Promise<Counts> {
  const child = spawn(process.execPath, ['node_modules/mocha/bin/mocha.js', ...args], {
    stdio: ['ignore', isShown ? 'inherit' : 'pipe', isShown ? 'inherit' : 'pipe'],
    env: { ...process.env, TEST_COUNTS: file },
  })
  const printed: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => printed.push(chunk))
  const [code] = (await once(child, 'close')) as [number | null]
  process.stdout.write(Buffer.concat(printed))
  const ended = `mocha ended with ${String(code)}: ${args.join(' ')}\n`
  try {
    const { passed, failed } = JSON.parse(readFileSync(file, 'utf8')) as Omit<Counts, 'names'>
    if (failed === 0 && code !== 0) return { passed, failed: 1, names: ended }
    return { passed, failed, names: readFileSync(`${file}.failed`, 'utf8') }
  } catch {
    return { passed: 0, failed: 1, names: ended }
  }
}

const suite = suites[process.argv[2] ?? '']
if (!suite) throw new Error(`One of ${Object.keys(suites).join(', ')}, please`)
const { mocha, all, apart } = suite
const without = (...patterns: readonly string[]): string[] => patterns.flatMap((pattern) => ['--ignore', pattern])
const not = without(...suite.not, '**/node_modules/**')
const folder = mkdtempSync(path.join(tmpdir(), 'imok-tests-'))
const [first, second] = await Promise.all([
  play([...mocha, all, ...without(...apart), ...not], true, path.join(folder, 'first.json')),
  play([...mocha, ...apart.map((folder) => `${folder}/*.test.ts`), ...not], false, path.join(folder, 'second.json')),
])
rmSync(folder, { recursive: true })
const passed = first.passed + second.passed
const failed = first.failed + second.failed
const counts = process.env['TEST_COUNTS']
if (counts !== undefined && counts !== '') {
  writeFileSync(counts, JSON.stringify({ passed, failed }))
  writeFileSync(`${counts}.failed`, first.names + second.names)
}
console.log(`${String(passed)} passed, ${String(failed)} failed`)
process.exitCode = failed === 0 ? 0 : 1
