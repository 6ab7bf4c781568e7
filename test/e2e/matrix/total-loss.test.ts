// The machine is lost with its Matrix keys; the documents come back from a backup, the identity from the paper.
import { cpSync, lstatSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import type { MatrixHouse } from './house.ts'
import { matrixHouse } from './house.ts'
import type { JsClient } from './js-client.ts'
import { oneStory } from '../one-story.ts'

/** All of the records; the socket that locks the folder is none. */
const isKept = (file: string): boolean => path.basename(file) !== 'matrix' && !lstatSync(file).isSocket()

describe('After a loss of all Matrix keys', function () {
  this.timeout(120_000)
  oneStory()
  let house: MatrixHouse
  let asha: JsClient
  let key: string
  const backup = mkdtempSync(path.join(tmpdir(), 'imok-backup-'))

  before(async () => {
    house = await matrixHouse(['asha'])
    ;({ asha } = house.apps as { asha: JsClient })
  })
  after(() => house.remove())

  it('the command does nothing while imok runs', () => {
    const { output, code } = house.command(['status'])
    expect(output).to.include('imok is running')
    expect(code).to.equal(1)
  })

  it('of all of the data folder, of which there is a backup without them', async () => {
    await house.phone('IN 60')
    await house.kill()
    cpSync(house.dataFolder, backup, { recursive: true, filter: isKept })
    await house.restart()
    await house.phone('OK')
  })

  it('the recovery key is shown until it is confirmed, and forgotten then', async () => {
    await house.kill()
    const shown = house.command(['confirm-recovery-key']).output
    const groups = [...shown.matchAll(/^ +\d+ to \d+ +(\S{4} \S{4} \S{4} \S{4})$/gm)].map(([, row]) => row ?? '')
    key = groups.join(' ')
    expect(key.split(' ')).to.have.length(12)
    const [, first = '', second = ''] = /type groups (\d+) and (\d+)/.exec(shown) ?? []
    const words = [first, second].map((n) => key.split(' ')[Number(n) - 1] ?? '')
    expect(house.command(['confirm-recovery-key', 'aaaa', 'bbbb']).code).to.equal(1)
    expect(house.command(['confirm-recovery-key', ...words])).to.deep.include({ code: 0 })
    expect(house.command(['confirm-recovery-key']).output).to.not.include(key.slice(0, 9))
  })

  it('imok does not take another identity by itself; the recovery key brings its own back', () => {
    rmSync(house.dataFolder, { recursive: true })
    cpSync(backup, house.dataFolder, { recursive: true })
    rmSync(backup, { recursive: true })
    const status = house.command(['status'])
    expect(status.output).to.include('already has an identity')
    expect(status.code).to.equal(1)
    expect(house.command(['recover'], `${key.replace(/^..../, 'EsTx')}\n`).code).to.equal(1)
    const recovered = house.command(['recover'], `${key}\n`)
    expect(recovered.output).to.include('is itself again')
    expect(recovered.code).to.equal(0)
  })

  it('the same room, no shield, and alarms that sound; whoever is out is named', async () => {
    await house.restart()
    expect((await asha.reads(/^BLIND to everything/)).body).to.match(/^Out: Mo Member, due /m)
    await house.phone('SOS after the fire')
    const alarm = await asha.reads(/> SOS after the fire/)
    expect(alarm.room).to.equal(house.room())
    expect(alarm.shield?.color, 'no shield').to.equal(0)
    expect(alarm.push).to.include({ notify: true, sound: 'default' })
    await asha.writes(house.room(), 'take 1')
    await asha.reads(/^#1 TAKEN by asha/)
  })
})
