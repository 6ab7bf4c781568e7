import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { parse, stringify } from 'yaml'
import { loadConfig } from '../../src/config/load.ts'
import { envName, notBuiltYet, paths, settingAt } from '../../src/config/settings.ts'
import { parseCommand } from '../../src/core/commands/parse-command.ts'
import { parseOrder } from '../../src/core/commands/parse-order.ts'
import { commandWords } from '../../src/i18n/command-words.ts'
import { phoneReader } from '../../src/i18n/phone.ts'
import { metricNames } from '../../src/metrics/names.ts'
import { codeIn, documents, read, root, rowsUnder } from './read-documents.ts'

const LARGEST_PICTURE = 150_000 // bytes

describe('The documents', () => {
  for (const file of documents())
    it(`${file} leads nowhere that is not there`, () => {
      const text = read(file).replace(/```[\s\S]*?```/g, '')
      const targets = [
        ...[...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? ''),
        ...[...text.matchAll(/(?:src|srcset)="([^"]+)"/g)].map(([, target]) => target ?? ''),
      ].filter((target) => !/^https?:/.test(target))
      for (const target of targets) {
        const [name = '', anchor] = target.split('#')
        const to = name === '' ? file : path.join(path.dirname(file), name)
        expect(existsSync(path.join(root, to)), target).to.equal(true)
        if (anchor !== undefined) expect(anchorsOf(read(to)), target).to.include(anchor)
      }
    })

  it('have pictures that are small enough', () => {
    const folder = path.join(root, 'docs/screenshots')
    for (const file of readdirSync(folder))
      expect(statSync(path.join(folder, file)).size, file).to.be.lessThan(LARGEST_PICTURE)
  })

  it('operators.md names every setting once, with its name in the environment and its default', () => {
    const rows = rowsUnder(read('docs/operators.md'), '## Settings')
    const told = rows.map(([path = '', env = '', fallback = '']) => [codeIn(path)[0], env, fallback])
    const known = paths.map((one) => {
      const { secret, fallback } = settingAt(one)
      return [one, `\`${envName(one)}\`${secret ? ' 🔒' : ''}`, fallback === undefined ? '–' : `\`${fallback}\``]
    })
    expect(told).to.have.deep.members(known)
  })

  it('operators.md says of every setting that this version does not use that it does not, and of no other', () => {
    const [used = '', rest = ''] = read('docs/operators.md').split('not used by this version')
    const [unused = ''] = rest.split('\n## ')
    const hasRow = (text: string, path: string): boolean => text.includes(`\n| \`${path}\``)
    for (const one of paths) {
      const { part, unused: trait } = settingAt(one)
      const isWaiting = trait === true || (part !== undefined && notBuiltYet.has(part))
      expect([hasRow(used, one), hasRow(unused, one)], one).to.deep.equal([!isWaiting, isWaiting])
    }
  })

  it('operators.md names every reason for which /readyz is red, and the heartbeat stops', () => {
    const told = rowsUnder(read('docs/operators.md'), '## Is it well?').flatMap(([cell = '']) =>
      codeIn(cell).map((reason) => [reason, cell.includes('(red)')]),
    )
    const says = (file: string, pattern: RegExp): string[] =>
      [...read(file).matchAll(pattern)].map(([, reason = '']) => reason)
    const red = new Set([
      ...['locked', 'terms', 'watch'].flatMap((file) => says(`src/compose/${file}.ts`, /reasons: \['([\w-]+)'\]/g)),
      ...says('src/app/pulse.ts', /\) found\.push\('([\w-]+)'\)/g),
    ])
    const notRed = ['room', 'outdated']
    for (const one of notRed) red.delete(one)
    const stuck = says('src/app/pulse.ts', /\n {2}(\w+): [\d *]*(?:MINUTE|SECOND),/g).map((state) => `stuck-${state}`)
    const known = [...[...red].map((one) => [one, true]), ...[...notRed, ...stuck].map((one) => [one, false])]
    expect(told.filter(([reason]) => !String(reason).startsWith('/'))).to.have.deep.members(known)
  })

  it('operators.md quotes what a locked imok says', () => {
    const told = rowsUnder(read('docs/operators.md'), '## Locked').flatMap(([cell = '']) => codeIn(cell))
    const sources = ['compose/unlock-command.ts', 'compose/locked.ts', 'stores/locked-inbox.ts']
    const all = [...sources, 'channels/sms/twilio/receive.ts'].map((file) => read(`src/${file}`)).join('\n')
    expect(told).to.include('locked-full')
    for (const quoted of told) expect(all).to.include(quoted.replace(/… | …/, ''))
  })

  it('operators.md names every number of /metrics', () => {
    const told = rowsUnder(read('docs/operators.md'), '## Metrics').map(([name = '']) => codeIn(name)[0])
    expect(told).to.have.members(Object.keys(metricNames))
  })

  it('the README shows settings that are right', () => {
    const examples = [...read('README.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
      ([, yaml]) => parse(yaml ?? '') as object,
    )
    expect(examples).to.have.length(4)
    const local = stringify(Object.assign({}, ...examples))
    const files: Record<string, string> = {
      'local.yaml': local,
      'telegram-token': '123456:ABC-def',
      'twilio-token': '0123456789abcdef',
    }
    const readFile = (file: string): string => files[path.basename(file)] ?? read(path.relative(root, file))
    const { config, problems } = loadConfig({ env: { IMOK_DATA_DIR: '/nowhere' }, readFile })
    expect(problems).to.deep.equal([])
    expect(config.twilio?.from).to.equal('+447700900000')
    expect(config.telegram?.token.reveal()).to.equal('123456:ABC-def')
    expect(config.duty).to.have.length(2)
  })

  it('growing.md shows where the address of the database stands', () => {
    const growing = read('docs/growing.md')
    const [, local = ''] = /```yaml\n([\s\S]*?)```/.exec(growing) ?? []
    const [, address = ''] = /^(mongodb:\/\/imok:password@\S+)$/m.exec(growing) ?? []
    const files: Record<string, string> = { '/nowhere/local.yaml': local, '/nowhere/mongodb-url': `${address}\n` }
    const readFile = (file: string): string => files[file] ?? read(path.relative(root, file))
    const { config, problems } = loadConfig({ env: { IMOK_DATA_DIR: '/nowhere' }, readFile })
    expect(problems).to.deep.equal([])
    expect(config.mongodbUrl?.reveal()).to.equal(address)
  })

  it('admins.md shows orders that are orders', () => {
    const orders = rowsUnder(read('docs/admins.md'), '## What you can write').flatMap(([write = '']) => codeIn(write))
    expect(orders).to.include.members(['take 7', 'help', 'edit Mo quiet on'])
    const names = { members: [{ id: 'mo', name: 'Mo' }], number: phoneReader('GB'), languages: ['en', 'fr'] }
    for (const order of orders) expect(parseOrder(order, names).type, order).not.to.be.oneOf(['talk', 'unclear'])
  })

  it('members.md shows words that do what it says', () => {
    const told = rowsUnder(read('docs/members.md'), '# imok: what you can text').flatMap(([cell = '']) =>
      [...cell.matchAll(/\*\*([^*]+)\*\*/g)].map(([, word]) => word ?? ''),
    )
    const words = commandWords('en')
    const types = told.map((word) => [word, parseCommand(word, { words }).command.type])
    expect(types).to.deep.equal([
      ['SOS', 'sos'],
      ['IN', 'in'],
      ['IN 90', 'in'],
      ['IN 2h', 'in'],
      ['IN until 15:30', 'in'],
      ['MORE 30', 'more'],
      ['OUT', 'out'],
      ['OK', 'ok'],
      ['STATUS', 'status'],
      ['NAME Mo', 'name'],
      ['MENU', 'menu'],
    ])
  })

  it('promises.md names cries for help that are understood', () => {
    const [, sentence = ''] = read('docs/promises.md').split('No word in front of it hides a cry for help:')
    const cries = codeIn(sentence.split('.\n')[0] ?? '')
    const isCry = (cry: string): boolean => {
      const { command, danger } = parseCommand(cry, { words: commandWords('en') })
      return command.type === 'sos' || danger
    }
    expect(cries.length).to.be.at.least(4)
    for (const cry of cries) expect(isCry(cry), cry).to.equal(true)
  })
})

/** As GitHub makes them from headings. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, '')
      .replace(/\s/g, '-'),
  )
