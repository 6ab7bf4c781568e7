import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { builtInProtocol } from '../../src/config/built-in-protocol.ts'
import type { Problem } from '../../src/config/problem.ts'
import { makePolicy, readProtocol } from '../../src/config/protocol.ts'
import type { Protocol } from '../../src/config/protocol.ts'
import { realWaits } from '../../src/config/machine-waits.ts'
import { MINUTE, SECOND } from '../../src/core/time.ts'
import { load, pathsOf, repository } from './loading.ts'

function read(text: string): { protocol: Protocol; problems: Problem[] } {
  const problems: Problem[] = []
  return { protocol: readProtocol('ladder.yaml', text, (problem) => problems.push(problem)), problems }
}
/** An overdue ladder in short: each step is `after room nudge`. */
const ladder = (steps: string[], repeat = 'every: 5m', name = 'overdue'): string => {
  const lines = steps.map((step) => {
    const [after = '', room = '', nudge = ''] = step.split(' ')
    return `      - after: ${after}\n        room: ${room}\n        nudge: ${nudge}\n`
  })
  return `ladders:\n  ${name}:\n    steps:\n${lines.join('')}    repeat:\n      ${repeat}\n`
}

describe('config/protocols/default.yaml', () => {
  it('is what is built in, which is what design/protocol.md section 3 says', () => {
    const { protocol, problems } = read(readFileSync(path.join(repository, 'config/protocols/default.yaml'), 'utf8'))
    expect(problems).to.deep.equal([])
    expect(protocol).to.deep.equal(builtInProtocol)
    expect(protocol.timed).to.deep.equal({
      duration: 60 * MINUTE,
      longest: 720 * MINUTE,
      reminders: [10 * MINUTE, 3 * MINUTE],
    })
    const { overdue, sos } = protocol.ladders
    expect(overdue.steps.map((step) => [step.after / MINUTE, step.room, step.nudge])).to.deep.equal([
      [0, true, undefined],
      [2, false, 'first'],
      [5, true, 'next'],
      [10, true, 'everyone'],
    ])
    expect(sos.steps).to.deep.equal([{ after: 0, room: true, nudge: 'everyone' }])
    expect(protocol.storm).to.deep.equal({ members: 3, within: 5 * MINUTE, alerts: 5 })
    for (const { repeat } of [overdue, sos])
      expect(repeat).to.deep.equal({ every: 5 * MINUTE, room: true, nudge: 'everyone' })
  })
})

describe('a protocol file', () => {
  it('may be empty or hold only what differs', () => {
    expect(read('').protocol).to.deep.equal(builtInProtocol)
    const { protocol, problems } = read('timed:\n  duration: 90m\ntake:\n  ask_before: 2m\n')
    expect(problems).to.deep.equal([])
    expect(protocol.timed).to.deep.equal({ ...builtInProtocol.timed, duration: 90 * MINUTE })
    expect(protocol.take).to.deep.equal({ ...builtInProtocol.take, askBefore: 2 * MINUTE })
    expect(protocol.ladders).to.deep.equal(builtInProtocol.ladders)
  })

  it('may say otherwise what a storm is', () => {
    const { protocol, problems } = read('storm:\n  members: 5\n  within: 10m\n')
    expect(problems).to.deep.equal([])
    expect(protocol.storm).to.deep.equal({ members: 5, within: 10 * MINUTE, alerts: 5 })
  })

  it('may have another ladder', () => {
    const { protocol, problems } = read(ladder(['0s yes', '90s no everyone', '16m yes'], 'every: 10m'))
    expect(problems).to.deep.equal([])
    expect(protocol.ladders.overdue).to.deep.equal({
      steps: [
        { after: 0, room: true },
        { after: 90 * SECOND, room: false, nudge: 'everyone' },
        { after: 16 * MINUTE, room: true },
      ],
      repeat: { every: 10 * MINUTE, room: true },
    })
  })

  const refused: [string, string, string[]][] = [
    ['that waits before the first alert (S8)', ladder(['1m yes']), ['ladders.overdue.steps.0.after']],
    ['whose first step leaves out the room (S8)', ladder(['0s no everyone']), ['ladders.overdue.steps.0.room']],
    ['without steps', 'ladders: {overdue: {repeat: {every: 5m}, steps: []}}', ['ladders.overdue.steps']],
    ['without a repeat (S3)', 'ladders: {overdue: {steps: [{after: 0s, room: yes}]}}', ['ladders.overdue.repeat']],
    ['that repeats too rarely (S3)', ladder(['0s yes'], 'every: 16m'), ['ladders.overdue.repeat.every']],
    ['that repeats without a pause', ladder(['0s yes'], 'every: 59s'), ['ladders.overdue.repeat.every']],
    [
      'that repeats without the room (S3)',
      ladder(['0s yes'], 'room: no\n      every: 5m'),
      ['ladders.overdue.repeat.room'],
    ],
    ['that does not climb in order', ladder(['0s yes', '5m yes', '5m yes']), ['ladders.overdue.steps.2.after']],
    ['that is quiet for too long (S3)', ladder(['0s yes', '16m yes']), ['ladders.overdue.steps.1.after']],
    ['with a step that tells nobody', ladder(['0s yes', '5m no']), ['ladders.overdue.steps.1']],
    ['that nudges a stranger', ladder(['0s yes somebody']), ['ladders.overdue.steps.0.nudge']],
    [
      'of an SOS that nudges nobody at once',
      ladder(['0s yes', '1m yes everyone'], 'every: 5m', 'sos'),
      ['ladders.sos.steps.0.nudge'],
    ],
    [
      'with reminders that are no shorter than the check-in',
      'timed: {duration: 10m, reminders: [10m, 3m]}',
      ['timed.reminders'],
    ],
    ['with a check-in longer than the longest', 'timed: {duration: 13h}', ['timed.duration']],
    ['with a take that asks before it begins', 'take: {lasts: 5m, ask_before: 5m}', ['take.ask_before']],
    ['with a storm of one', 'storm: {members: 1}', ['storm.members']],
    [
      'with a storm that is none before it is large',
      'storm: {alerts: 51, members: 21}',
      ['storm.members', 'storm.alerts'],
    ],
    ['with a storm of a moment', 'storm: {within: 30s}', ['storm.within']],
    ['with names that are not known', 'timmed: {}', ['timmed']],
    ['with a list where settings belong', 'timed: [a]', ['timed']],
    ['with a number without a unit', 'timed: {duration: 60}', ['timed.duration']],
  ]
  for (const [title, text, expected] of refused) {
    it(`is refused ${title}`, () => {
      const { protocol, problems } = read(text)
      expect(pathsOf(problems)).to.deep.equal(expected)
      expect(protocol).to.deep.equal(builtInProtocol)
      for (const problem of problems) expect(problem.where).to.match(/^ladder\.yaml, line \d+$/)
    })
  }

  it('has all its problems told at once, each in its own section, and keeps the other sections', () => {
    const text = 'timed:\n  duration: soon\n  longest: 8h\ntake:\n  lasts: 20m\n' + ladder(['3m no', '1m no somebody'])
    const { protocol, problems } = read(text)
    expect(pathsOf(problems)).to.deep.equal(['timed.duration', 'ladders.overdue.steps.1.nudge'])
    expect(problems[0]).to.include({
      found: '"soon"',
      example: 'duration: 60m',
      instead: 'the built-in "timed" is used',
      where: 'ladder.yaml, line 2',
    })
    expect(protocol.take.lasts).to.equal(20 * MINUTE)
    expect(pathsOf(read(ladder(['3m no', '1m no'])).problems)).to.have.length(5)
  })

  it('is answered with the name that was probably meant', () => {
    const { problems } = read('timed:\n  remindres: [3m]\n  duraton: 5m\n')
    expect(problems.map((one) => [one.path, one.expected, one.where])).to.deep.equal([
      ['timed.remindres', 'did you mean reminders?', 'ladder.yaml, line 2'],
      ['timed.duraton', 'did you mean duration?', 'ladder.yaml, line 3'],
    ])
  })
})

describe('the protocol in the settings', () => {
  it('is the file that is named, found from the data folder when local.yaml names it', () => {
    const files = {
      'local.yaml': 'ladder_file: mine.yaml\n',
      'mine.yaml': 'timed: {duration: 45m}\n',
      '/etc/imok/ladder.yaml': 'timed: {duration: 50m}\n',
    }
    expect(load({}, files).config.protocol.timed.duration).to.equal(45 * MINUTE)
    expect(load({ IMOK_LADDER_FILE: '/etc/imok/ladder.yaml' }, files).config.protocol.timed.duration).to.equal(
      50 * MINUTE,
    )
  })

  it('is built in when the file is missing or broken, and that is a problem', () => {
    for (const files of [{}, { 'mine.yaml': 'ladders: [' }]) {
      const { config, problems } = load({}, { 'local.yaml': 'ladder_file: mine.yaml\n', ...files })
      expect(problems.length).to.be.greaterThan(0)
      expect(problems[0]?.instead).to.equal('the built-in protocol is used')
      expect(config.protocol).to.deep.equal(builtInProtocol)
    }
  })

  it('takes duration, reminders and longest from the settings, longest reminder first', () => {
    const { config, problems } = load({
      IMOK_CHECKIN_DURATION: '2h',
      IMOK_CHECKIN_REMINDERS: '5m, 30m,5m',
      IMOK_CHECKIN_LONGEST: '3h',
    })
    expect(problems).to.deep.equal([])
    expect(config.protocol.timed).to.deep.equal({
      duration: 120 * MINUTE,
      longest: 180 * MINUTE,
      reminders: [30 * MINUTE, 5 * MINUTE],
    })
    expect(load({ IMOK_CHECKIN_REMINDERS: 'none' }).config.protocol.timed.reminders).to.deep.equal([])
  })

  it('does not mind reminders of the file that a shorter check-in never reaches', () => {
    expect(load({ IMOK_CHECKIN_DURATION: '1m' }).problems).to.deep.equal([])
  })

  it('lets the earlier alarm win where settings contradict each other', () => {
    const { config, problems } = load({ IMOK_CHECKIN_DURATION: '20h' })
    expect(pathsOf(problems)).to.deep.equal(['checkin.duration'])
    expect(config.protocol.timed.duration).to.equal(720 * MINUTE)
    expect(pathsOf(load({ IMOK_CHECKIN_LONGEST: '30m' }).problems)).to.deep.equal(['checkin.longest'])
    expect(pathsOf(load({ IMOK_CHECKIN_DURATION: '5m', IMOK_CHECKIN_REMINDERS: '5m' }).problems)).to.deep.equal([
      'checkin.reminders',
    ])
  })
})

describe('the policy', () => {
  it('scales the waits for machines, and not those of people, with the speed', () => {
    const retention = { sessions: 1, incidents: 2 }
    const policy = makePolicy(builtInProtocol, { speed: 60, emergencyNumber: '112', retention })
    expect(policy).to.include({ emergencyNumber: '112', retention })
    expect(policy.timed.duration).to.equal(60 * MINUTE)
    expect(policy.ladders).to.deep.equal(builtInProtocol.ladders)
    for (const [name, wait] of Object.entries(realWaits)) expect(policy.waits, name).to.have.property(name, wait * 60)
  })

  it('waits as long as the design says', () => {
    const seconds = Object.fromEntries(Object.entries(realWaits).map(([name, wait]) => [name, wait / SECOND]))
    expect(seconds).to.deep.equal({
      answer: 3,
      roomDown: 15,
      attempt: 20,
      backoff: 1,
      backoffAlert: 5,
      backoffLongest: 300,
      evidence: 60,
      rollCall: 5,
      gather: 0.25,
      second: 1,
      doubt: 10,
    })
  })
})
