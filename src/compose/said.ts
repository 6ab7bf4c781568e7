/** What a command says, line by line, and how it ends. */
export interface Said {
  lines: string[]
  exitCode: number
}

export const done = (...lines: string[]): Said => ({ lines, exitCode: 0 })
export const failed = (...lines: string[]): Said => ({ lines, exitCode: 1 })

export function say({ lines, exitCode }: Said): void {
  process.stdout.write(`${lines.join('\n')}\n`)
  process.exitCode = exitCode
}
