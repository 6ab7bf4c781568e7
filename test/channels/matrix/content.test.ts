import { expect } from 'chai'
import { boardContent, messageContent, partsOf } from '../../../src/channels/matrix/content.ts'

describe('What stands inside the ciphertext', () => {
  it('an alarm is a text that names whom to wake, and its own id', () => {
    const content = messageContent({ id: 'm:1:2', text: '#7 SOS: Mo', wake: ['@asha:hs'], wakeRoom: true })
    expect(content).to.include({ msgtype: 'm.text', body: '#7 SOS: Mo', 'org.imok.effect': 'm:1:2' })
    expect(content['m.mentions']).to.deep.equal({ user_ids: ['@asha:hs'], room: true })
  })

  it('what wakes nobody says so', () => {
    expect(messageContent({ id: 'm:1:2', text: 'Joined', wake: [] })['m.mentions']).to.deep.equal({})
  })

  it('the board is a notice, edited in place', () => {
    expect(boardContent('b', 'Nobody is out')).to.include({ msgtype: 'm.notice' }).and.not.have.property('m.relates_to')
    const edit = boardContent('b2', 'Mo is out', '$board')
    expect(edit['m.relates_to']).to.deep.equal({ rel_type: 'm.replace', event_id: '$board' })
    expect(edit['m.new_content']).to.include({ msgtype: 'm.notice', body: 'Mo is out' })
  })

  it('a text that is too long for one event is cut between lines, and nothing of it is lost', () => {
    const text = Array.from({ length: 1_000 }, (_, n) => `line ${String(n)} ${'é'.repeat(30)}`).join('\n')
    const parts = partsOf(text)
    expect(parts.length).to.be.greaterThan(2)
    for (const part of parts) expect(Buffer.byteLength(part)).to.be.at.most(20_000)
    expect(parts.join('\n')).to.equal(text)
  })

  for (const [title, text] of [
    ['in one line', `Where I am: ${'"\'&<'.repeat(10_000)}`],
    ['in many', `> ${'"'.repeat(60)}\n`.repeat(500)],
  ] as const) {
    it(`quotation marks, each of which is six bytes in HTML, fit too: ${title}`, () => {
      const parts = partsOf(text)
      expect(parts.join('').replaceAll('\n', '')).to.equal(text.replaceAll('\n', ''))
      // Encrypted it is a third more, and the event around it must fit into 65,536 bytes, too.
      for (const part of parts)
        expect(JSON.stringify(messageContent({ id: 'm:1:2', text: part, wake: [] })).length).to.be.at.most(46_000)
    })
  }

  it('a line that is too long is cut inside, between letters', () => {
    const text = '💚'.repeat(11_000)
    const parts = partsOf(text)
    for (const part of parts) expect(Buffer.byteLength(part)).to.be.at.most(20_000)
    expect(parts.join('')).to.equal(text)
    expect(parts.every((part) => part.isWellFormed())).to.equal(true)
  })
})
