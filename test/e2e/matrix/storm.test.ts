// Several deadlines at once, in the encrypted room: one roll-call that names everybody, taken in one line.
import { expect } from 'chai'
import type { MatrixHouse } from './house.ts'
import { matrixHouse } from './house.ts'
import type { JsClient } from './js-client.ts'

describe('A storm in the room', function () {
  this.timeout(120_000)
  let house: MatrixHouse
  let asha: JsClient
  const people = ['Ada', 'Bert', 'Cleo', 'Dora']

  before(async () => {
    house = await matrixHouse(['asha'])
    ;({ asha } = house.apps as { asha: JsClient })
    for (const [n, name] of people.entries()) await asha.writes(house.room(), `invite +44770090012${String(n)} ${name}`)
    for (const name of people) await asha.reads(new RegExp(`^Invited by asha: ${name}`))
  })
  after(() => house.remove())

  it('names everybody in roll-calls, and one line takes them all', async () => {
    for (const n of people.keys()) await house.phone('IN 5s', `+44770090012${String(n)}`)
    for (const name of people)
      await asha.sees(
        ({ body, failed }) =>
          failed === undefined && /^#\d+ (OVERDUE|ROLL-CALL)/.test(body ?? '') && (body ?? '').includes(name),
      )
    const call = await asha.reads(/^#\d+ ROLL-CALL/)
    expect(call.push).to.include({ notify: true, sound: 'default' })
    await asha.writes(house.room(), 'take 1-4')
    await asha.sees(({ body }) => [1, 2, 3, 4].every((n) => (body ?? '').includes(`#${String(n)} TAKEN by asha`)))
  })
})
