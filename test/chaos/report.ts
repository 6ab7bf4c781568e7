import type { History, Life } from './history.ts'
import { time } from './model/heard.ts'
import { rollCallOf } from './model/phrases.ts'
import type { Round } from './round.ts'

/** How the kernel's lives ended. */
export const endsOf = ({ lives }: History): string[] =>
  lives.flatMap((life) => (life.ended === undefined ? [] : [how(life)]))

const how = ({ end = '?', point }: Life): string => (point === undefined ? end : `${end} at ${point}`)

/** One line for a round. */
export function lineOf(round: Round): string {
  const { seed, kind, speed, seconds, history, judgement } = round
  const verdict = judgement.findings.length === 0 ? 'ok' : `${judgement.findings.length} FOUND`
  const world = kind === 'simulator' ? `×${speed}` : (round.world ?? kind)
  return `${verdict.padEnd(8)} seed ${String(seed).padEnd(11)} ${world.padEnd(10)} ${endsOf(history).length} deaths, ${history.acts.length} acts, ${history.said.length} said, ${judgement.alarms} alarms, ${judgement.extras.length} extra SMS, ${seconds.toFixed(0)} s`
}

/** All that somebody needs to understand a failed round. */
export function story(round: Round): string {
  const { history, judgement, folder, errors, seed } = round
  const moments: [number, string][] = []
  for (const life of history.lives) {
    const { began, ready, ended, kernel } = life
    moments.push([began, `=== ${kernel === undefined ? 'a kernel' : `kernel ${kernel}`} begins`])
    if (ready !== undefined) moments.push([ready, '=== it watches'])
    if (ended !== undefined) moments.push([ended, `=== it dies: ${how(life)}`])
  }
  for (const { name, text, sent, came, end, fate } of history.acts) {
    const to = came === end ? '' : `, in the list; tried until ${time(end)}`
    moments.push([sent, `${name} > ${text}   (${fate} ${time(came)}${to})`])
  }
  for (const { to, text, at } of history.said) moments.push([at, `${to} < ${text.replaceAll('\n', ' | ')}`])
  return [
    ...moments.sort(([a], [b]) => a - b).map(([at, what]) => `    ${time(at)} ${what}`),
    ...errors.map((message) => `  the kernel logged: ${message}`),
    ...judgement.findings.map(({ who, kind, what }) => `  ${kind.toUpperCase()} (${who}): ${what}`),
    `  kept in ${folder}; again: npm run chaos -- --replay ${seed}`,
  ].join('\n')
}

/** Deaths by how they came, and what was found. */
export function table(rounds: readonly Round[]): string {
  const ends = rounds.flatMap(({ history }) => endsOf(history))
  const extras = rounds.flatMap(({ judgement }) => judgement.extras)
  const findings = rounds.flatMap(({ judgement }) => judgement.findings)
  const sum = (of: (round: Round) => number): number => rounds.reduce((total, round) => total + of(round), 0)
  const row = (name: string, value: string | number): string => `  ${name.padEnd(28)}${value}`
  return [
    'deaths',
    ...counted(ends).map(([way, times]) => row(way, times)),
    row('in all', ends.length),
    'seen',
    row(
      'texts and orders',
      sum(({ history }) => history.acts.length),
    ),
    row(
      'messages',
      sum(({ history }) => history.said.length),
    ),
    row(
      'alarms',
      sum(({ judgement }) => judgement.alarms),
    ),
    row(
      'messages of roll-calls',
      sum(({ history }) => history.said.filter(({ text }) => rollCallOf(text)).length),
    ),
    row(
      'alarms for nothing, unsaved',
      sum(({ judgement }) => judgement.unsaved),
    ),
    row(
      'alarms twice, unsaved',
      sum(({ judgement }) => judgement.anew),
    ),
    row('extra SMS', extras.length),
    ...counted(extras.map(({ cause, after }) => `${cause ?? 'NOT ALLOWED'} (${after})`)).map(([why, times]) =>
      row(`  ${why}`, times),
    ),
    'found',
    ...(['lost', 'missing', 'late', 'false', 'doubled', 'stuck', 'strange'] as const).map((kind) =>
      row(kind, findings.filter((one) => one.kind === kind).length),
    ),
  ].join('\n')
}

/** Each with how often it is there, in the order of the alphabet. */
function counted(all: readonly string[]): [string, number][] {
  const groups = Map.groupBy(all, (one) => one)
  return [...groups].map(([name, { length }]): [string, number] => [name, length]).sort(([a], [b]) => (a < b ? -1 : 1))
}
