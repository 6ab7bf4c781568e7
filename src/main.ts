import { loadConfig } from './config/load.ts'
import { describeProblems } from './config/problem.ts'
import { compose, version } from './compose.ts'
import { typedCommand } from './compose/typed-command.ts'
import { makeLog } from './log/log.ts'

/** Exit code when the settings are wrong and nobody is out (EX_CONFIG of sysexits). */
const WRONG_SETTINGS = 78

class WrongSettings extends Error {
  readonly code = 'wrong-settings'
}

const { config, problems: found } = loadConfig({ env: process.env, argv: process.argv.slice(2) })
/** A key that is not there yet is waited for, where there is anything to watch. */
const problems = found.filter(({ path }) => path !== 'secret_key' || config.secretKeyFile === undefined)
const log = makeLog({ level: config.logLevel })
const say = (text: string): void => void process.stdout.write(`${text}\n`)

const end = (code: number): void => process.exit(code)

/** Nobody is out: better a stop that somebody sees now than a watch with a part missing. Somebody is: the rest runs. */
const approve = (out: number): void => {
  if (out === 0)
    throw new WrongSettings(
      'nobody is out, so it does not start with wrong settings. Put them right and start it again',
    )
}

function fail(error: unknown): void {
  process.stderr.write(`imok cannot start: ${error instanceof Error ? error.message : String(error)}\n`)
  end(error instanceof WrongSettings ? WRONG_SETTINGS : 1)
}

if (problems.length > 0) process.stderr.write(describeProblems(problems))
if (config.unused.length > 0) say(`Set, but not used by this version: ${config.unused.join(', ')}`)
if (problems.some((problem) => problem.fatal)) end(WRONG_SETTINGS)
try {
  const running = await compose(config, log, problems.length > 0 ? { approve } : {})
  const { host } = config.http
  const shown = `http://${host.includes(':') ? `[${host}]` : host}:${String(running.port)}/`
  const tell = (): void =>
    say(
      running.role() === 'standby'
        ? `imok ${version} stands by at ${shown}: another kernel watches. It takes over by itself when that one ends.`
        : config.simulator.on
          ? `imok ${version} is watching. Open ${shown} in a browser on this machine: press SOS, or text IN 1m.`
          : `imok ${version} is watching at ${shown}`,
    )
  const { missing } = running
  if (missing) {
    say(
      `imok ${version} is LOCKED and does not watch: ` +
        (missing.why === 'passphrase'
          ? `on this machine, as this user, run: ${typedCommand('unlock', config.dataDir)}`
          : `${missing.where} is not there, and the records cannot be read without the key in it. Put it there: imok goes on by itself.`),
    )
  }
  running.watching.then(tell, fail)
  let stopping = false
  const stop = (): void => {
    if (stopping) return
    stopping = true
    void running.stop().then(
      () => end(0),
      () => end(1),
    )
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop)
} catch (error) {
  fail(error)
}
