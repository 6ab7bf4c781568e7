import { expect } from 'chai'
import fc from 'fast-check'
import {
  Malformed,
  messageFromList,
  messageFromWebhook,
  receiptFromWebhook,
} from '../../../../src/channels/sms/twilio/parse.ts'
import type { Fields } from '../../../../src/channels/sms/twilio/parse.ts'

const names = ['MessageSid', 'From', 'Body', 'NumMedia', 'MediaUrl0', 'MediaContentType0', 'Latitude', 'Longitude']
const value = fc.oneof(
  fc.constantFrom(undefined, '', 'SM1', '+447700900001', 'delivered', '1', '-0', '1e999', 'NaN', '__proto__'),
  fc.string({ unit: 'binary' }),
  fc.array(fc.string()),
)
const forms = fc
  .array(fc.tuple(fc.constantFrom(...names, 'MessageStatus', 'ErrorCode'), value))
  .map((pairs): Fields => Object.fromEntries(pairs))

/** fast-check prints the seed when it finds something. */
const total = (read: (fields: Fields) => unknown): void =>
  fc.assert(
    fc.property(forms, (fields) => {
      try {
        const item = read(fields)
        expect(JSON.parse(JSON.stringify(item ?? null))).to.deep.equal(item ?? null) // plain, and kept as it is
      } catch (error) {
        if (!(error instanceof Malformed)) throw error
        expect(error.message).to.match(
          /^[A-Z]\w+ (is missing|is given more than once|has not the form that Twilio gives it)$/,
        )
      }
    }),
    { numRuns: 5_000 },
  )

describe('Twilio: whatever form comes', () => {
  it('is a message or malformed, in one line without what was sent', () => total((f) => messageFromWebhook(f, 1)))

  it('is a receipt, nothing or malformed', () => total((f) => receiptFromWebhook(f, f['Body'], 1)))

  it('and whatever the list shows is a message or nothing', () => {
    const odd = [
      {},
      { sid: 'SM1' },
      { sid: 'SM1', direction: 'inbound' },
      { sid: 'SM1', direction: 'inbound', from: null },
      { sid: 'SM1', direction: 'outbound-reply', from: '+447700900001' },
    ]
    for (const message of odd) expect(messageFromList(message, 1)).to.equal(undefined)
    const bare = {
      sid: 'SM1',
      direction: 'inbound',
      from: '+447700900001',
      body: null,
      dateCreated: null,
      dateSent: 'never',
    }
    expect(messageFromList(bare, 1)?.heard).to.deep.equal({
      type: 'message',
      from: { channel: 'sms', address: '+447700900001' },
      text: '',
    })
    const media = { numMedia: '2', subresourceUris: { media: '/Media.json' } }
    expect(messageFromList({ ...bare, ...media }, 1)?.heard).to.deep.include({
      attachment: { kind: 'other', reference: '/Media.json' },
    })
  })
})
