import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'

const root = path.resolve(import.meta.dirname, '../..')
const kinds = /\.(ts|js|mjs|css|html)$/

/** Lines of every file below some folders of the project, largest first. */
function sizes(...folders: string[]): { readonly file: string; readonly lines: number }[] {
  return folders
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        path.join(folder, name),
      ),
    )
    .filter((file) => kinds.test(file) && !/node_modules|\.venv/.test(file))
    .map((file) => ({ file, lines: readFileSync(path.join(root, file), 'utf8').trimEnd().split('\n').length }))
    .sort((a, b) => b.lines - a.lines)
}

describe('file sizes', () => {
  it('none is over 300 lines', () => {
    expect(sizes('bin', 'src', 'test').filter(({ lines }) => lines > 300)).to.deep.equal([])
  })

  for (const folder of ['src', 'test']) {
    it(`the median of ${folder} is under 100`, () => {
      const all = sizes(folder)
      expect(all[Math.floor(all.length / 2)]?.lines).to.be.lessThan(100)
    })
  }
})
