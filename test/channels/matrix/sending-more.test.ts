import { Attachment, EncryptedAttachment } from '@matrix-org/matrix-sdk-crypto-wasm'
import { expect } from 'chai'
import { MediaError } from '../../../src/ports/media.ts'
import type { RoomMessage } from '../../../src/ports/channel.ts'
import { MatrixFailure } from '../../../src/channels/matrix/failure.ts'
import { withIndexedDb } from './identity/bot.ts'
import { message, trouble } from './messages.ts'
import { ASHA, BOT, Desk, Phone } from './room-of.ts'

const choices = [
  { label: 'I have it', says: 'take 7' },
  { label: 'It is over', says: 'resolve 7' },
]
describe('the room, written to', function () {
  this.timeout(20_000)
  withIndexedDb()
  let desk: Desk
  let asha: Phone

  beforeEach(async () => {
    desk = await Desk.open([ASHA])
    asha = await Phone.of(desk.room, ASHA)
    await desk.start()
  })
  const send = (it: RoomMessage): Promise<{ readers: number }> => desk.line.sender.message(it)
  const sentEvents = () =>
    desk.room.timeline.filter(({ sender, type }) => sender === BOT && type === 'm.room.encrypted')

  describe('with a file', () => {
    const picture = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(5000, 7)])
    const media = { via: 'telegram', reference: 'FILE', kind: 'photo' } as const
    const file = (id: string, more: Partial<RoomMessage> = {}): RoomMessage =>
      message(id, 'The photo could not be shown', { urgency: 'notice', loud: false, since: Date.now(), media, ...more })

    it('shows it to the admins; the server keeps what it cannot read, without a name', async () => {
      desk.files = () => Promise.resolve(picture)
      await send(file('e1'))
      await asha.sync()
      const inner = await asha.opens(sentEvents()[0]!)
      expect(inner).to.deep.include({
        msgtype: 'm.image',
        body: 'photo.jpg',
        'm.mentions': {},
        'org.imok.effect': 'e1',
      })
      expect(inner['info']).to.deep.equal({ mimetype: 'image/jpeg', size: picture.length })
      const [upload] = desk.room.uploads
      expect(upload).to.deep.include({ query: undefined, contentType: 'application/octet-stream' })
      expect(upload?.bytes.includes(picture.subarray(0, 64))).to.equal(false)
      const { url, ...info } = inner['file'] as Record<string, unknown>
      expect(url).to.equal('mxc://example.org/1')
      const sealed = new EncryptedAttachment(upload?.bytes ?? Buffer.alloc(0), JSON.stringify({ ...info, url }))
      expect(Buffer.from(Attachment.decrypt(sealed)).equals(picture)).to.equal(true)
    })

    it('shows it once, whatever was uploaded before a crash', async () => {
      desk.files = () => Promise.resolve(picture)
      await send(file('e1'))
      await desk.restart()
      await send(file('e1'))
      expect(sentEvents()).to.have.length(1)
    })

    it('says so when it is gone, or larger than anybody takes', async () => {
      desk.files = () => Promise.reject(new MediaError('gone', 'http-404'))
      await send(file('e1'))
      desk.files = () => Promise.reject(new MediaError('too-large', 'too-large'))
      await send(file('e2'))
      expect(await asha.reads()).to.deep.equal(['The photo could not be shown', 'The photo could not be shown'])
    })

    it('says so when the server will not have it after all', async () => {
      desk.files = () => Promise.resolve(picture)
      desk.room.before = (_method, path) =>
        path.endsWith('/upload') ? Promise.reject(new MatrixFailure('answered', 413, 'M_TOO_LARGE')) : Promise.resolve()
      await send(file('e1'))
      expect(await asha.reads()).to.deep.equal(['The photo could not be shown'])
    })

    it('asks for no more than the server takes', async () => {
      let asked = 0
      desk.room.largest = 4000
      desk.files = (_media, most) => Promise.resolve(((asked = most), picture.subarray(0, 100)))
      await send(file('e1'))
      expect(asked).to.equal(4000)
    })

    it('tries again for ten minutes, and says then that it cannot be had', async () => {
      desk.files = () => Promise.reject(new MediaError('later', 'http-503'))
      expect(await trouble(send(file('e1')))).to.equal('refused media-http-503')
      await send(file('e1', { since: Date.now() - 11 * 60_000 }))
      expect(await asha.reads()).to.deep.equal(['The photo could not be shown'])
    })
  })

  describe('with a poll under an alert', () => {
    const alert = message('e1', '#7 SOS: Mo', { incident: 'i7', choices })
    const inners = async (): Promise<Record<string, unknown>[]> => {
      await asha.sync()
      return Promise.all(sentEvents().map((event) => asha.opens(event)))
    }
    /** A tap on an answer, as Element sends it. */
    const vote = async (label: string): Promise<void> => {
      const poll = sentEvents()[1]
      const start = (await asha.opens(poll!))['org.matrix.msc3381.poll.start'] as {
        answers: { id: string; 'org.matrix.msc1767.text': string }[]
      }
      const answer = start.answers.find((it) => it['org.matrix.msc1767.text'] === label)
      await asha.send('org.matrix.msc3381.poll.response', {
        'm.relates_to': { rel_type: 'm.reference', event_id: poll?.event_id },
        'org.matrix.msc3381.poll.response': { answers: [answer?.id] },
      })
    }
    beforeEach(async () => {
      await send(alert)
      await desk.line.attend.after(alert)
      await asha.sync()
    })

    it('makes it a little later where other messages have used up what is there for it, but not once it is taken', async () => {
      const second = { ...alert, id: 'e3', incident: 'i8' }
      const third = { ...alert, id: 'e4', incident: 'i9' }
      for (let n = 0; n < 5; n++) await send(message(`e5${n}`, 'another alarm'))
      await desk.line.attend.after(second)
      await desk.line.attend.after(third)
      await desk.line.attend.after(message('e6', '#9 TAKEN', { incident: 'i9', purpose: 'taken' }))
      const polls = async (): Promise<number> =>
        (await inners()).filter((it) => it['org.matrix.msc3381.poll.start'] !== undefined).length
      expect([await polls(), desk.line.isWaiting()]).to.deep.equal([1, true])
      // The server turns out to allow more than the usual.
      for (let n = 0; n < 8; n++) await send(message(`e7${n}`, 'another alarm'))
      await desk.line.attend.tidy()
      expect([await polls(), desk.line.isWaiting()]).to.deep.equal([2, false])
    })

    it('keeps it where the same alert goes out again, also after a restart, and ends it where another one follows', async () => {
      const kinds = async (): Promise<string[]> =>
        (await inners()).flatMap((it) => Object.keys(it).filter((key) => /poll.(?:start|end)$/.test(key)))
      const [start, end] = ['org.matrix.msc3381.poll.start', 'org.matrix.msc3381.poll.end']
      await desk.line.attend.after(alert)
      await desk.restart()
      await desk.line.attend.after(alert)
      expect(await kinds()).to.deep.equal([start])
      await desk.line.attend.after({ ...alert, id: 'e2' })
      expect(await kinds()).to.deep.equal([start, start, end])
      await desk.line.attend.after({ ...alert, id: 'e2' })
      await desk.line.attend.after(alert)
      expect(await kinds(), 'the second one is the open one still').to.deep.equal([start, start, end])
    })

    it('takes a vote for the words that it stands for', async () => {
      await vote('I have it')
      await desk.round()
      expect(desk.orders).to.deep.equal([`${ASHA}: take 7`])
    })

    it('ends it with the alarm’s take, with or without the server’s consent to the relation', async () => {
      desk.room.before = (_method, path) =>
        path.endsWith('.over') ? Promise.reject(new MatrixFailure('answered', 400, 'M_UNKNOWN')) : Promise.resolve()
      await desk.line.attend.after(message('e2', '#7 taken', { incident: 'i7', purpose: 'taken' }))
      const [, , end] = await inners()
      expect(end).to.have.property('org.matrix.msc3381.poll.end')
      await desk.restart()
      await desk.line.attend.tidy()
      expect(await inners()).to.have.length(3)
    })
  })
})
