// A photo and a place, from a member's Telegram to an admin's app.
import { createDecipheriv } from 'node:crypto'
import { expect } from 'chai'
import { FakeTelegram } from '../../support/fake-telegram.ts'
import type { MatrixHouse } from './house.ts'
import { matrixHouse } from './house.ts'
import type { JsClient } from './js-client.ts'
import { oneStory } from '../one-story.ts'

const ADA = 700_100_200

interface SealedFile {
  url: string
  key: { k: string }
  iv: string
}

describe('What a member sends besides words', function () {
  this.timeout(120_000)
  oneStory()
  let telegram: FakeTelegram
  let house: MatrixHouse
  let asha: JsClient

  before(async () => {
    telegram = await FakeTelegram.start()
    house = await matrixHouse(['asha', 'ben'], {
      settings: { IMOK_TELEGRAM_TOKEN: telegram.token, IMOK_TELEGRAM_API_URL: telegram.url },
    })
    ;({ asha } = house.apps as { asha: JsClient })
    await asha.writes(house.room(), 'invite telegram Ada')
    const { body = '' } = await asha.reads(/t\.me/)
    telegram.says(ADA, { text: `/start ${/start=(\S+)/.exec(body)?.[1] ?? ''}` })
    await asha.reads(/^Joined at .*: Ada/)
  })
  after(async () => {
    await house.remove()
    await telegram.close()
  })

  it('a photo is seen by the admins, and by nobody else: the server keeps what it cannot read', async () => {
    const picture = Buffer.concat([Buffer.from('ffd8ffe000104a464946', 'hex'), Buffer.alloc(9000, 3)])
    telegram.files.set('PHOTO', picture)
    const size = { file_unique_id: 'U', width: 90, height: 90 }
    telegram.says(ADA, { photo: [{ file_id: 'PHOTO', ...size }] })
    const line = await asha.reads(/^From Ada, .*: not text but photo/)
    const shown = await asha.sees(({ content }) => content['msgtype'] === 'm.image')
    expect(shown.at).to.be.at.least(line.at)
    expect(shown.push?.sound, 'the file makes no noise').to.equal(undefined)
    const { url, key, iv } = shown.content['file'] as SealedFile
    const where = `/_matrix/client/v1/media/download/${url.slice('mxc://'.length)}`
    const answer = await fetch(house.synapse.url + where, { headers: { authorization: `Bearer ${asha.token}` } })
    const sealed = Buffer.from(await answer.arrayBuffer())
    expect(answer.headers.get('content-disposition') ?? '').to.not.include('photo')
    expect(sealed.includes(picture.subarray(0, 64))).to.equal(false)
    const opener = createDecipheriv('aes-256-ctr', Buffer.from(key.k, 'base64url'), Buffer.from(iv, 'base64'))
    expect(Buffer.concat([opener.update(sealed), opener.final()]).equals(picture)).to.equal(true)
  })

  it('a file that cannot be had is said to be missing', async () => {
    telegram.says(ADA, { voice: { file_id: 'GONE', file_unique_id: 'V', duration: 3 } })
    await asha.reads(/^The voice from Ada, .* could not be shown here\. Ask them what it is\./)
  })

  it('a place comes as a geo address, and as a map that tells nobody who looks', async () => {
    telegram.says(ADA, { location: { latitude: 51.4545, longitude: -2.5879 } })
    const { body, content } = await asha.reads(/^From Ada, .*: location/)
    expect(body).to.include('geo:51.45450,-2.58790')
    expect(content['formatted_body']).to.include('<a href="geo:51.45450,-2.58790">')
    expect(content['formatted_body']).to.include(
      '<a href="https://www.openstreetmap.org/?mlat=51.45450&amp;mlon=-2.58790&amp;zoom=17">',
    )
  })
})
