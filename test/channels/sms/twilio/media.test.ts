import { expect } from 'chai'
import { fetchMedia } from '../../../../src/channels/sms/twilio/media.ts'
import { MediaError } from '../../../../src/ports/media.ts'
import { FakeTwilio } from '../../../support/fake-twilio.ts'

const failure = (fetching: Promise<unknown>): Promise<string> =>
  fetching.then(
    () => 'none',
    (error: unknown) => (error instanceof MediaError ? `${error.kind} ${error.trouble}` : String(error)),
  )

describe('a picture that came by Twilio', () => {
  let twilio: FakeTwilio
  let place: string
  before(async () => {
    twilio = await FakeTwilio.start({ webhook: 'http://127.0.0.1:9/sms/twilio' })
    place = `/2010-04-01/Accounts/${twilio.accountSid}/Messages/MM1/Media`
    twilio.files.set(`${place}/ME1`, 'a picture')
    twilio.files.set(`${place}.json`, JSON.stringify({ media_list: [{ uri: `${place}/ME1.json` }] }))
  })
  after(() => twilio.stop())
  const get = async (reference: string): Promise<string> => {
    const { url: apiUrl, accountSid, authToken } = twilio
    return Buffer.from(await fetchMedia({ apiUrl, accountSid, authToken }, reference, 1000)).toString()
  }

  it('is fetched by its address at Twilio, from where our Twilio is', async () => {
    expect(await get(`https://api.twilio.com${place}/ME1`)).to.equal('a picture')
    expect(await get(`${twilio.url}${place}/ME1`)).to.equal('a picture')
  })

  it('is found through the list of a message’s files', async () => {
    expect(await get(`${place}.json`)).to.equal('a picture')
  })

  it('is fetched from nowhere else: our credentials stay with Twilio', async () => {
    for (const reference of [
      'https://evil.example/2010-04-01/Accounts/AC/Messages/MM1/Media/ME1',
      'http://127.0.0.1:1/2010-04-01/Accounts/AC/x',
      'https://api.twilio.com/other',
      'file:///etc/passwd',
      'https://api.twilio.com@evil.example/2010-04-01/Accounts/x',
    ])
      expect(await failure(get(reference)), reference).to.equal('gone foreign-address')
  })

  it('is gone when it was deleted', async () => {
    expect(await failure(get(`https://api.twilio.com${place}/ME2`))).to.equal('gone http-404')
  })
})
