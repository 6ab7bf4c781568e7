import { expect } from 'chai'
import { sniff } from '../../../src/channels/matrix/sniff.ts'

const hex = (text: string): Uint8Array => Buffer.from(text, 'hex')

describe('what a file is', () => {
  for (const [bytes, mimetype, msgtype] of [
    ['ffd8ffe000104a464946', 'image/jpeg', 'm.image'],
    ['89504e470d0a1a0a0000', 'image/png', 'm.image'],
    ['474946383961', 'image/gif', 'm.image'],
    ['524946460000000057454250', 'image/webp', 'm.image'],
    ['4f67675300020000', 'audio/ogg', 'm.audio'],
    ['2321414d520a', 'audio/amr', 'm.audio'],
    ['00000020667479704d344120', 'audio/mp4', 'm.audio'],
    ['0000002066747970 69736f6d'.replace(' ', ''), 'video/mp4', 'm.video'],
    ['3c68746d6c3e', 'application/octet-stream', 'm.file'],
    ['3c7376672078', 'application/octet-stream', 'm.file'],
    ['', 'application/octet-stream', 'm.file'],
  ] as const)
    it(`${bytes.slice(0, 24)} is ${mimetype}`, () => expect(sniff(hex(bytes))).to.include({ mimetype, msgtype }))
})
