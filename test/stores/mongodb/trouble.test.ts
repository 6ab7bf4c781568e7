// What an operator is told when the database cannot be used. The shapes of the errors are those that driver 7.9.0 gave.
import { expect } from 'chai'
import { MongoNetworkError, MongoServerSelectionError } from 'mongodb'
import type { TopologyDescription } from 'mongodb'
import type { StoreError } from '../../../src/ports/store.ts'
import { openLink } from '../../../src/stores/mongodb/link.ts'
import { asStoreError } from '../../../src/stores/mongodb/wire.ts'

const withCode = (code: string, more = {}): Error => Object.assign(new Error(`something ${code}`), { code, ...more })
const notSelected = (cause: Error): Error =>
  new MongoServerSelectionError('no server', {
    error: new MongoNetworkError('the line broke', { cause }),
  } as unknown as TopologyDescription)
const told = (error: Error): string => {
  const { code, message } = asStoreError(error, 'connect')
  return `${code}: ${message}`
}

describe('the trouble with a database', () => {
  it('of which nobody trusts the certificate', () => {
    for (const code of ['DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_HAS_EXPIRED'])
      expect(told(notSelected(withCode(code)))).to.match(
        new RegExp(`^mongodb-unreachable: .*certificate is not trusted \\(${code}\\).*tlsCAFile=`),
      )
  })

  it('whose name nobody knows, or where nobody listens, is tried again', () => {
    const asked = withCode('ENOTFOUND', { syscall: 'querySrv' })
    for (const error of [asked, notSelected(withCode('ECONNREFUSED')), notSelected(withCode('ENOTFOUND'))])
      expect(told(error)).to.match(/^mongodb-unreachable: .*cannot be reached/)
  })

  it('for which the address names a file that is not there', async () => {
    const error = (await openLink('mongodb://127.0.0.1:9/imok?tls=true&tlsCAFile=/nowhere/ca.pem').catch(
      (it: unknown) => it,
    )) as StoreError
    expect(error.code).to.equal('mongodb-address')
    expect(error.message).to.match(/cannot be read by this user \(ENOENT\); look at tlsCAFile/)
  })
})
