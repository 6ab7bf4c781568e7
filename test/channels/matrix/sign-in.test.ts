import { expect } from 'chai'
import type { MatrixSettings } from '../../../src/channels/matrix/options.ts'
import { sameAccount } from '../../../src/channels/matrix/sign-in.ts'

const known = { userId: '@imok:example.org', deviceId: 'DEVICE' }
const settings = (user: string): MatrixSettings => ({ homeserver: 'http://127.0.0.1', user, admins: [] })

describe('the account of the settings', () => {
  for (const user of ['@imok:example.org', 'imok', '@imok'])
    it(`${user} is the one whose keys are here`, () => {
      expect(sameAccount(settings(user), known)).to.equal(known)
    })

  for (const user of ['@imok:elsewhere.org', 'other', '@other:example.org'])
    it(`${user} is another one: the operator is told what to do`, () => {
      expect(() => sameAccount(settings(user), known))
        .to.throw(new RegExp(`IMOK_MATRIX_USER is ${user}.*belong to @imok:example.org.*Set IMOK_MATRIX_USER`))
        .with.property('code', 'other-user')
    })
})
