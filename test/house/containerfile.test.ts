import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'

const root = path.resolve(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')
/** Instructions, each with what follows it; lines that go on are one. */
const instructions = read('Containerfile')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => [line.split(' ', 1)[0] ?? '', line.slice(line.indexOf(' ') + 1)] as const)
const all = (name: string): string[] => instructions.filter(([one]) => one === name).map(([, rest]) => rest)
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: { imok: { user: string; healthcheck: { test: string[] }; environment: { IMOK_DATA_DIR: string } } }
}

describe('the Containerfile', () => {
  it('builds on a Debian of your choice, and a slim one without a choice', () => {
    expect(all('ARG')).to.have.length(1)
    expect(all('ARG')[0]).to.match(/^BASE=debian:\w+-slim$/)
    for (const from of all('FROM')) expect(from).to.match(/^\$\{BASE\}( AS \w+)?$/)
  })

  it('runs as a user without rights, the one of docker-compose.yml', () => {
    expect(all('USER')).to.deep.equal(['10001:10001'])
    expect(compose.services.imok.user).to.equal(all('USER')[0])
    const late = instructions.slice(instructions.findIndex(([name]) => name === 'USER')).map(([name]) => name)
    expect(late).not.to.include.members(['RUN'])
  })

  it('becomes the kernel itself, so that signals reach it', () => {
    expect(JSON.parse(all('CMD')[0] ?? '')).to.deep.equal(['node', 'bin/launch.mjs', 'start'])
    expect(all('ENTRYPOINT')).to.deep.equal([])
    expect(all('STOPSIGNAL')).to.deep.equal(['SIGTERM'])
  })

  it('is asked for its health as docker-compose.yml asks', () => {
    const [, asked = ''] = (all('HEALTHCHECK')[0] ?? '').split(' CMD ')
    const [kind, ...command] = compose.services.imok.healthcheck.test
    expect([kind, JSON.parse(asked)]).to.deep.equal(['CMD', command])
    expect(existsSync(path.join(root, command[1] ?? ''))).to.equal(true)
  })

  it('keeps data in a volume, at the place that docker-compose.yml knows', () => {
    expect(all('VOLUME')).to.deep.equal([compose.services.imok.environment.IMOK_DATA_DIR])
    expect(all('ENV')).to.deep.equal([`IMOK_DATA_DIR=${compose.services.imok.environment.IMOK_DATA_DIR}`])
  })

  it('copies nothing but what runs: no data, no secrets, no history, no packages of another machine', () => {
    const [first, ...rest] = read('.dockerignore').trim().split('\n').slice(1)
    expect(first).to.equal('*')
    const runs = ['bin', 'config', 'locales', 'src', '.npmrc', 'LICENSE', 'package.json', 'package-lock.json']
    expect(rest).to.have.members(runs.map((name) => `!${name}`))
    // Docker would read this one instead, and Podman and Buildah that one.
    for (const other of ['Containerfile.dockerignore', '.containerignore'])
      expect(existsSync(path.join(root, other)), other).to.equal(false)
    expect(all('ADD')).to.deep.equal([])
  })
})
