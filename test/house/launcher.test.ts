import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'

const repository = path.resolve(import.meta.dirname, '../..')
const kernel = `
import { up } from './parts/up.ts'
const mode: string | undefined = process.argv[2]
if (mode === 'fail') process.exit(7)
if (mode === 'deaf') process.on('SIGTERM', () => {})
else process.on('SIGTERM', () => { console.log('SIGTERM heard'); process.exit(5) })
setInterval(() => {}, 1000)
console.log(up())
`

describe('the launcher', () => {
  let root: string
  const started: ChildProcess[] = []

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'imok-launcher-'))
    cpSync(path.join(repository, 'bin'), path.join(root, 'bin'), { recursive: true })
    mkdirSync(path.join(root, 'src/parts'), { recursive: true })
    writeFileSync(path.join(root, 'package.json'), '{"name":"fake","version":"1.0.0","type":"module"}')
    writeFileSync(path.join(root, 'package-lock.json'), lock({}))
    writeFileSync(path.join(root, 'src/main.ts'), kernel)
    writeFileSync(path.join(root, 'src/parts/up.ts'), "export const up = (): string => 'up in ' + process.cwd()\n")
  })

  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL')
    rmSync(root, { recursive: true, force: true })
  })

  const lock = (packages: object): string =>
    JSON.stringify({ lockfileVersion: 3, packages: { '': { name: 'fake', version: '1.0.0' }, ...packages } })

  function launch(args: readonly string[], { script = 'bin/launch.mjs', environment = {}, detached = false } = {}) {
    const child = spawn(process.execPath, [path.join(root, script), ...args], {
      cwd: tmpdir(),
      detached,
      env: { ...process.env, ...environment },
    })
    started.push(child)
    let output = ''
    const grew = new Set<() => void>()
    const hear = (text: Buffer): void => {
      output += text.toString()
      for (const look of grew) look()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }>((resolve) => {
      child.once('close', (code, signal) => {
        resolve({ code, signal, output })
      })
    })
    const says = (text: string): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (output.includes(text)) resolve()
        }
        grew.add(look)
        look()
      })
    return { child, ended, says }
  }

  it('builds, then runs the product from the project folder', async () => {
    const { says } = launch(['start'])
    await says(`up in ${root}`)
    expect(readFileSync(path.join(root, 'build/main.js'), 'utf8'))
      .to.include("from './parts/up.js'")
      .and.not.include(': string')
  })

  it('passes arguments on and returns the exit code', async () => {
    expect((await launch(['start', 'fail']).ended).code).to.equal(7)
  })

  it('lets the product hear a signal', async () => {
    const { child, ended, says } = launch(['start'])
    await says('up')
    child.kill('SIGTERM')
    const { code, output } = await ended
    expect(code).to.equal(5)
    expect(output).to.include('SIGTERM heard')
  })

  it('relays signals and the exit code where it cannot become the program', async () => {
    writeFileSync(path.join(root, 'bin/old.mjs'), "process.execve = undefined\nawait import('./launch.mjs')\n")
    const { child, ended, says } = launch(['start'], { script: 'bin/old.mjs' })
    await says('up')
    child.kill('SIGTERM')
    const { code, output } = await ended
    expect(output).to.include('SIGTERM heard')
    expect(code).to.equal(5)
  })

  it('answers 128 + n for a program that a signal ended', async () => {
    writeFileSync(
      path.join(root, 'bin/relay.mjs'),
      "import { relay } from './run.mjs'\nprocess.exit(await relay(process.execPath, ['-e', 'process.kill(process.pid, 9)'], {}))\n",
    )
    expect((await launch([], { script: 'bin/relay.mjs' }).ended).code).to.equal(137)
  })

  it('leaves nothing behind when its process group is killed', async () => {
    writeFileSync(path.join(root, 'bin/old.mjs'), "process.execve = undefined\nawait import('./launch.mjs')\n")
    writeFileSync(path.join(root, 'src/main.ts'), "console.log('up alone')\nsetInterval(() => {}, 1000)\n")
    const { child, ended, says } = launch(['start'], { script: 'bin/old.mjs', detached: true })
    await says('up alone')
    process.kill(-(child.pid ?? 0), 'SIGKILL')
    await ended // "close" comes when nobody holds its output any more, so not while the kernel lives
  })

  it('builds again what has changed, and forgets what has gone', async () => {
    await launch(['start', 'fail']).ended
    writeFileSync(path.join(root, 'src/parts/up.ts'), "export const up = (): string => 'up, and newer'\n")
    writeFileSync(path.join(root, 'src/page.css'), 'p {}\n')
    await launch(['start']).says('up, and newer')
    expect(existsSync(path.join(root, 'build/page.css'))).to.equal(true)
    rmSync(path.join(root, 'src/page.css'))
    await launch(['start', 'fail']).ended
    expect(existsSync(path.join(root, 'build/page.css'))).to.equal(false)
  })

  it('runs the source where nothing can be built', async () => {
    writeFileSync(path.join(root, 'build'), 'in the way')
    await launch(['start']).says('up in')
  })

  it('says in one sentence why an install failed, and how to go on', async () => {
    writeFileSync(path.join(root, 'package.json'), '{"name":"fake","version":"1.0.0","dependencies":{"zod":"4.6.7"}}')
    writeFileSync(
      path.join(root, 'package-lock.json'),
      lock({
        '': { name: 'fake', version: '1.0.0', dependencies: { zod: '4.6.7' } },
        'node_modules/zod': { version: '4.6.7', integrity: 'sha512-AAAA' },
      }),
    )
    const npm = path.join(root, 'npm/npm-cli.js')
    mkdirSync(path.dirname(npm))
    writeFileSync(npm, "console.error('npm error code EAI_AGAIN\\nnpm error errno EAI_AGAIN')\nprocess.exitCode = 1\n")
    const { code, output } = await launch(['start'], { environment: { npm_execpath: npm } }).ended
    expect(code).to.equal(1)
    expect(output).to.match(
      /registry cannot be reached \(EAI_AGAIN\)\. Check the network or the proxy, then run this again\.\n$/,
    )
    expect(existsSync(path.join(root, '.installing'))).to.equal(false)
  })

  it('refuses an unknown command by naming the known ones', async () => {
    const { code, output } = await launch(['strat']).ended
    expect(code).to.equal(1)
    expect(output).to.include('no command "strat"').and.include('start')
  })
})
