import { expect } from 'chai'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { standardOutput } from '../../src/log/standard-output.ts'

const log = path.resolve(import.meta.dirname, '../../src/log/log.ts')

/** A process that logs `lines` at each of `turns`, and ends as a kernel does that was told to; or by itself, when all is written. */
function logging(turns: number, lines: number, end: 'at once' | 'by itself'): ChildProcess {
  const source = `
    import { makeLog } from ${JSON.stringify(log)}
    const log = makeLog({ level: 'info' })
    let turn = 0
    const timer = setInterval(() => {
      for (let n = 0; n < ${lines}; n++) log.info('a line that somebody may read or not', { n })
      if (++turn < ${turns}) return
      clearInterval(timer)
      process.stderr.write('alive', () => { if (${end === 'at once'}) process.exit(0) })
    }, 1)`
  return spawn(process.execPath, ['--input-type=module', '-e', source])
}

async function saidBy(child: ChildProcess): Promise<{ said: string; code: number | null }> {
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const [code] = (await once(child, 'exit')) as [number | null]
  return { said, code }
}

describe('the log on standard output', () => {
  const children: ChildProcess[] = []
  const start = (turns: number, lines: number, end: 'at once' | 'by itself' = 'at once'): ChildProcess => {
    const child = logging(turns, lines, end)
    children.push(child)
    return child
  }
  afterEach(() => {
    for (const child of children.splice(0)) {
      child.kill('SIGKILL')
      child.stdout?.destroy()
    }
  })

  it('is complete while somebody reads', async () => {
    // An end at once would race the reader: on a busy machine it loses lines that were never promised.
    const child = start(5, 100, 'by itself')
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()))
    await once(child, 'close')
    expect(text.trim().split('\n')).to.have.length(500)
  })

  it('holds up neither the process nor its end when nobody reads', async () => {
    const child = start(100, 200)
    child.stdout?.pause()
    expect(await saidBy(child)).to.deep.equal({ said: 'alive', code: 0 })
  })

  it('survives a reader that goes away', async () => {
    const child = start(50, 1)
    child.stdout?.destroy()
    expect(await saidBy(child)).to.deep.equal({ said: 'alive', code: 0 })
  })

  it('keeps a bounded backlog, and says afterwards how many lines it dropped', () => {
    const written: string[] = []
    const pipe = { writable: true, writableLength: 0, on: () => pipe, write: (line: string) => written.push(line) }
    const lines = standardOutput(pipe as unknown as NodeJS.WriteStream)
    lines.write('read\n')
    pipe.writableLength = 2_000_000
    for (let n = 0; n < 30; n++) lines.write('dropped\n')
    pipe.writableLength = 0
    lines.write('read again\n')
    lines.write('and again\n')
    expect(written.filter((line) => !line.startsWith('{'))).to.deep.equal(['read\n', 'read again\n', 'and again\n'])
    expect(
      written.filter((line) => line.startsWith('{')).map((line) => (JSON.parse(line) as { count: number }).count),
    ).to.deep.equal([30])
  })
})
