// An operator's command as npm runs it, without npm.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { withoutSettings } from './environment.ts'

const root = path.resolve(import.meta.dirname, '../..')

/** Resolves with how it ended and what it said. What is typed is piped in. */
export async function operator(
  [name = '', ...args]: readonly string[],
  settings: Readonly<Record<string, string>>,
  typed: readonly string[] = [],
): Promise<[code: number | null, said: string]> {
  const child = spawn(process.execPath, [path.join(root, `src/compose/${name}-command.ts`), ...args], {
    cwd: root,
    env: { ...withoutSettings(), ...settings },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()))
  child.stdin.on('error', () => undefined)
  child.stdin.end(typed.map((line) => `${line}\n`).join(''))
  const [code] = (await once(child, 'close')) as [number | null]
  return [code, said]
}
