// What each npm script runs. A command is one or more steps under Node 24; the launcher becomes the last one.
import { existsSync } from 'node:fs'
import path from 'node:path'

const mocha = 'node_modules/mocha/bin/mocha.js'
const halves = 'test/house/halves.ts'
const eslint = 'node_modules/eslint/bin/eslint.js'
const prettier = 'node_modules/prettier/bin/prettier.cjs'
const tsc = 'node_modules/typescript/bin/tsc'

const strangers = ['--ignore', '**/node_modules/**']
const named = (args) => args.some((arg) => /\.(test\.)?[tj]s$|\*|^test\//.test(arg))
const unit = (args) =>
  args.length === 0
    ? [halves, 'unit']
    : [mocha, ...(named(args) ? [] : ['test/**/*.test.ts', '--ignore', 'test/e2e/**', ...strangers]), ...args]
const endToEnd = (args) =>
  args.length === 0
    ? [halves, 'e2e']
    : [
        ...[mocha, '--config', 'test/e2e/mocharc.json'],
        ...(named(args) ? [] : ['test/e2e/**/*.test.ts', ...strangers]),
        ...args,
      ]
/** The browser tests know the DOM, the rest must not. */
const types = [[tsc], [tsc, '--project', 'test/e2e']]
const lint = ['--max-warnings', '0', '.']

async function start(root, args) {
  const { build } = await import('./build.mjs')
  // Most of what a busy kernel holds is V8's young generation: kept small, 10,000 open sessions take half the memory.
  return [['--max-semi-space-size=4', build(root), ...args]]
}

/** What an operator does to the data folder or the database, beside the kernel or with it stopped. */
const operators = (name) => async (root, args) => {
  const { build } = await import('./build.mjs')
  const main = build(root)
  return [[path.join(path.dirname(main), `compose/${name}-command${path.extname(main)}`), ...args]]
}

export const commands = {
  start: { development: false, steps: start },
  build: { development: false, steps: () => [['bin/build.mjs']] },
  matrix: { development: false, steps: operators('matrix') },
  store: { development: false, steps: operators('store') },
  key: { development: false, steps: operators('key') },
  unlock: { development: false, steps: operators('unlock') },
  test: { development: true, steps: (_, args) => [unit(args)] },
  'test:e2e': { development: true, steps: (_, args) => [['test/e2e/install.mjs'], endToEnd(args)] },
  types: { development: true, steps: (_, args) => types.map((step) => [...step, ...args]) },
  lint: { development: true, steps: (_, args) => [[eslint, ...(args.length > 0 ? args : lint)]] },
  format: {
    development: true,
    steps: (_, args) => [[prettier, '--log-level', 'warn', ...(args.length > 0 ? args : ['--write', '.'])]],
  },
  check: {
    development: true,
    steps: () => [...types, [eslint, ...lint], [prettier, '--log-level', 'warn', '--check', '.'], unit([])],
  },
  bench: {
    development: true,
    steps: (root, args) =>
      ['matrix', 'mongodb', 'long'].includes(args[0])
        ? [['test/e2e/install.mjs'], ...script(root, `test/bench/${args[0]}.ts`, args)]
        : script(root, 'test/bench/main.ts', args),
  },
  chaos: {
    development: true,
    steps: (root, args) => [
      ...(args.includes('--matrix') || args.includes('--mongodb') ? [['test/e2e/install.mjs']] : []),
      ...script(root, 'test/chaos/main.ts', args),
    ],
  },
  stories: {
    development: true,
    steps: (root, args) => [
      ...(args[0] === 'mongodb' ? [['test/e2e/install.mjs']] : []),
      ...script(root, 'test/story/run.ts', args),
    ],
  },
  mutate: { development: true, steps: (root, args) => script(root, 'test/mutations/run.ts', args) },
}

function script(root, file, args) {
  return existsSync(path.join(root, file))
    ? [[file, ...args]]
    : [['-e', `console.error('imok: ${file} is not there yet.'); process.exit(1)`]]
}
