import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

export const root = path.resolve(import.meta.dirname, '../..')

export const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')

/** All that people read about imok, from the root of the repository. */
export const documents = (): string[] => [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => path.join('docs', file)),
]

/** The cells of every table under a heading, without the rows of titles and dashes. */
export function rowsUnder(document: string, heading: string): string[][] {
  const [, rest = ''] = `\n${document}`.split(`\n${heading}\n`)
  const [section = ''] = rest.split(/\n#{1,3} /)
  const lines = section.split('\n').filter((line) => line.startsWith('|'))
  const isDashes = (line: string | undefined): boolean => /^\|[\s|:-]+$/.test(line ?? '')
  return lines
    .filter((line, at) => !isDashes(line) && !isDashes(lines[at + 1]))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}

/** What stands in `code` marks. */
export const codeIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '')
