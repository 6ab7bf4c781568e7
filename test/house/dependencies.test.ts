import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'

type Named = Readonly<Record<string, string>>
interface Entry {
  readonly version?: string
  readonly resolved?: string
  readonly link?: boolean
  readonly integrity?: string
  readonly hasInstallScript?: boolean
  readonly dependencies?: Named
  readonly devDependencies?: Named
  readonly optionalDependencies?: Named
  readonly overrides?: object
}

const root = path.resolve(import.meta.dirname, '../..')
const read = (file: string): unknown => JSON.parse(readFileSync(path.join(root, file), 'utf8'))
const manifest = read('package.json') as Entry
const lock = read('package-lock.json') as { readonly packages: Readonly<Record<string, Entry>> }
const installed = Object.entries(lock.packages).filter(([place]) => place.includes('node_modules/'))
const fetched = installed.filter(([, entry]) => entry.link !== true)
const sections = ['dependencies', 'devDependencies', 'optionalDependencies'] as const

describe('dependencies', () => {
  it('have exact versions', () => {
    const loose = sections.flatMap((section) =>
      Object.entries(manifest[section] ?? {}).filter(
        ([, version]) => !/^(npm:@?[\w/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
      ),
    )
    expect(loose).to.deep.equal([])
  })

  it('are the ones in the lock file', () => {
    for (const section of sections) expect(lock.packages['']?.[section] ?? {}).to.deep.equal(manifest[section] ?? {})
  })

  it('are locked by checksum, without the address they came from', () => {
    expect(fetched.filter(([, entry]) => entry.resolved !== undefined)).to.deep.equal([])
    expect(fetched.filter(([, entry]) => entry.integrity?.startsWith('sha512-') !== true)).to.deep.equal([])
  })

  it('need no install script', () => {
    expect(installed.filter(([, entry]) => entry.hasInstallScript === true).map(([place]) => place)).to.deep.equal([])
  })

  it('override nothing by another name: npm 9, which Debian and Ubuntu have, installs nothing at all then', () => {
    expect(JSON.stringify(manifest.overrides)).not.to.include('npm:')
  })

  it('bring the same Node for every platform that has one', () => {
    const versions = ['x64', 'arm64'].map((arch) => lock.packages[`node_modules/node-linux-${arch}`]?.version)
    expect(new Set(versions).size).to.equal(1)
    expect(versions[0]).to.match(/^24\./)
  })

  it('run no scripts and record no addresses when somebody adds one', () => {
    expect(readFileSync(path.join(root, '.npmrc'), 'utf8'))
      .to.include('ignore-scripts=true')
      .and.include('omit-lockfile-registry-resolved=true')
  })
})
