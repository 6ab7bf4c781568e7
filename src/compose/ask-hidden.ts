import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

/** Characters of a line from a pipe; a terminal bounds its own. */
const LONGEST = 10_000

/** Whoever was asked went away, or gave nothing. */
export class NotAnswered extends Error {}

/** Whether a person sits there who can be asked the same twice. */
export const isPerson = (): boolean => process.stdin.isTTY

/** A line that nobody sees: typed on a terminal, without an echo; or the first line of what is piped in. Throws `NotAnswered`. */
export async function askHidden(question: string): Promise<string> {
  const line = isPerson() ? await typed(question) : await piped()
  if (line === undefined || line === '') throw new NotAnswered('Nothing was typed, so nothing was done.')
  return line
}

let hides = 0

/** Nothing that is typed shows until `work` is done, also what a hurried person types while a passphrase is being tried. */
export async function withoutEcho<T>(work: () => Promise<T>): Promise<T> {
  if (!isPerson()) return work()
  hides++
  process.stdin.setRawMode(true)
  try {
    return await work()
  } finally {
    if (--hides === 0) process.stdin.setRawMode(false)
  }
}

function typed(question: string): Promise<string | undefined> {
  process.stderr.write(question)
  const nowhere = new Writable({ write: (_bytes, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 })
  return new Promise((resolve) => {
    lines.once('line', (line) => {
      resolve(line)
      lines.close()
    })
    // Ctrl-C, Ctrl-D, or the terminal is gone.
    lines.once('SIGINT', () => lines.close())
    lines.once('close', () => {
      // It has given the echo back.
      if (hides > 0) process.stdin.setRawMode(true)
      process.stderr.write('\n')
      resolve(undefined)
    })
  })
}

let rest = ''

/** One line after the other, if several are asked for. */
async function piped(): Promise<string | undefined> {
  process.stdin.setEncoding('utf8')
  while (!rest.includes('\n') && rest.length < LONGEST && process.stdin.readable) {
    const more = await nextChunk()
    if (more === undefined) break
    rest += more
  }
  const [line = '', ...others] = rest.slice(0, LONGEST).split('\n')
  rest = others.join('\n')
  return line.replace(/\r$/, '')
}

const nextChunk = (): Promise<string | undefined> =>
  new Promise((resolve) => {
    const { stdin } = process
    const done = (text: string | undefined): void => {
      stdin.off('data', onData)
      stdin.off('end', onEnd)
      stdin.pause()
      resolve(text)
    }
    const onData = (text: string | Buffer): void => done(text.toString())
    const onEnd = (): void => done(undefined)
    stdin.on('data', onData)
    stdin.on('end', onEnd)
    stdin.resume()
  })
