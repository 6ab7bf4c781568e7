// npm run store -- copy --from lowdb --to mongodb [--dry-run], or the other way. For the operator, with imok stopped.
import { parseArgs } from 'node:util'
import { loadConfig } from '../config/load.ts'
import type { Config } from '../config/config.ts'
import { describeProblems } from '../config/problem.ts'
import { KeyError } from '../crypto/data-key.ts'
import { StoreError } from '../ports/store.ts'
import { copyRecords, survey } from '../stores/copy-records.ts'
import { folderPlace, lowdbSource, lowdbTarget, refuseNothing } from '../stores/lowdb/copying.ts'
import type { Source, Target } from '../stores/store-record.ts'
import { askHidden, NotAnswered } from './ask-hidden.ts'
import { dataKeyOf } from './data-key.ts'
import { schemas } from './open-store.ts'
import { nextSteps, shownDifferences, shownProgress, shownSurvey } from './store-words.ts'

const usage =
  'Write: npm run store -- copy --from lowdb --to mongodb, or: --from mongodb --to lowdb; with --dry-run nothing is changed'

/** The operator asked for what cannot be done. */
class Refusal extends Error {}

type Kind = 'lowdb' | 'mongodb'

interface Asked {
  from: Kind
  to: Kind
  isDry: boolean
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)

function understand(args: readonly string[]): Asked {
  const isKind = (value: unknown): value is Kind => value === 'lowdb' || value === 'mongodb'
  try {
    const options = { from: { type: 'string' }, to: { type: 'string' }, 'dry-run': { type: 'boolean' } } as const
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    const { from, to, 'dry-run': isDry = false } = values
    if (positionals.join(' ') === 'copy' && isKind(from) && isKind(to) && from !== to) return { from, to, isDry }
  } catch {
    // An option that there is not.
  }
  throw new Refusal(usage)
}

/** True if the copy is whole. */
async function run({ from, to, isDry }: Asked): Promise<boolean> {
  const { config, problems } = loadConfig({ env: process.env })
  const fatal = problems.filter((problem) => problem.fatal)
  if (fatal.length > 0) throw new Refusal(describeProblems(fatal).trimEnd())
  const url = config.mongodbUrl?.reveal()
  if (url === undefined)
    throw new Refusal('IMOK_MONGODB_URL is not set; set it to the database, as in mongodb://127.0.0.1:27017/imok')
  const { openMongoSource, openMongoTarget } = await import('../stores/mongodb/copying.ts')
  const place = folderPlace(config.dataDir)
  if (from === 'lowdb') refuseNothing(place)
  // A key that is made now would open nothing.
  const holding = from === 'lowdb' ? config.dataDir : 'the database'
  const options = { key: await dataKeyOf(config, holding, () => askHidden('The passphrase of the key: ')), schemas }
  if (from === 'mongodb') say('Looking whether an imok is at work in the database, for up to eleven seconds …')
  const source = from === 'lowdb' ? await lowdbSource(place, options) : await openMongoSource(url, options)
  try {
    const target = to === 'lowdb' ? lowdbTarget(place, options) : await openMongoTarget(url, options)
    try {
      return await copy(source, target, { from, to, isDry }, config)
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

async function copy(source: Source, target: Target, { from, to, isDry }: Asked, config: Config): Promise<boolean> {
  const { tell, end } = shownProgress(process.stdout)
  try {
    const found = await survey(source.records(), (done) => tell('reading', done))
    end()
    say(shownSurvey(found))
    if (target.isUnfinished) say('An earlier copy was interrupted; what it left in the target is replaced.')
    if (isDry) {
      say(`Nothing was changed. To copy: npm run store -- copy --from ${from} --to ${to}`)
      return true
    }
    const different = await copyRecords(source, target, found.count, tell)
    end()
    if (different.length === 0) {
      say(
        `${String(found.count)} records were copied, read back and compared: all are the same.\n\n${nextSteps(to, config)}`,
      )
      return true
    }
    say(shownDifferences(different))
    return false
  } finally {
    end()
  }
}

function wordsFor(error: unknown): string {
  const isForThem = [Refusal, StoreError, KeyError, NotAnswered].some((kind) => error instanceof kind)
  if (isForThem && error instanceof Error) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

const isWhole = await Promise.resolve(process.argv.slice(2))
  .then(understand)
  .then(run)
  .catch((error: unknown) => {
    process.stderr.write(`${wordsFor(error)}\n`)
    return false
  })
process.exitCode = isWhole ? 0 : 1
