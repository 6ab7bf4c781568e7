import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { build, rewrite } from '../../bin/build.mjs'
import { importsOf } from './import-rules.ts'

describe('the build', () => {
  for (const [source, written] of [
    ["import { a } from './a.ts'", "import { a } from './a.js'"],
    ["import('../deep/b.ts')", "import('../deep/b.js')"],
    ["new URL('./page.css', import.meta.url)", "new URL('./page.css', import.meta.url)"],
    ["fork(new URL('./child.ts', import.meta.url))", "fork(new URL('./child.js', import.meta.url))"],
    ["import x from 'package/x.ts'", "import x from 'package/x.ts'"],
  ] as const) {
    it(`writes ${source} as ${written}`, () => expect(rewrite(source)).to.equal(written))
  }

  it('writes every file of src, and each finds what it imports', () => {
    const root = mkdtempSync(path.join(tmpdir(), 'imok-build-'))
    const src = path.resolve(import.meta.dirname, '../../src')
    cpSync(src, path.join(root, 'src'), { recursive: true })
    expect(build(root)).to.equal(path.join(root, 'build/main.js'))
    const files = readdirSync(path.join(root, 'build'), { recursive: true, encoding: 'utf8' })
    const lost = files
      .filter((file) => file.endsWith('.js'))
      .map((file) => path.join(root, 'build', file))
      .flatMap((file) =>
        importsOf(readFileSync(file, 'utf8'))
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => path.resolve(path.dirname(file), specifier))
          .filter((target) => !existsSync(target)),
      )
    rmSync(root, { recursive: true })
    expect(lost).to.deep.equal([])
    expect(files.filter((file) => file.endsWith('.ts'))).to.deep.equal([])
  })
})
