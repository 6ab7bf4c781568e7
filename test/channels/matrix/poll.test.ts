import { expect } from 'chai'
import { POLL_START, pollContent, saysIn, voteIn } from '../../../src/channels/matrix/poll.ts'

const choices = [
  { label: 'I have it', says: 'take 7' },
  { label: "It's over: safe", says: 'resolve 7 safe' },
]
const answersOf = (poll: Record<string, unknown>): { id: string; 'org.matrix.msc1767.text': string }[] =>
  (poll[POLL_START] as { answers: { id: string; 'org.matrix.msc1767.text': string }[] }).answers
const vote = (answers: unknown, poll = '$poll'): Record<string, unknown> => ({
  'm.relates_to': { rel_type: 'm.reference', event_id: poll },
  'org.matrix.msc3381.poll.response': { answers },
})

describe('The poll under an alarm', () => {
  it('is disclosed, and carries what each answer says', () => {
    const poll = pollContent('m:1:2.poll', 'Who has it?', choices)
    expect(poll[POLL_START]).to.include({ kind: 'org.matrix.msc3381.poll.disclosed', max_selections: 1 })
    const [first, second] = answersOf(poll)
    expect(first?.['org.matrix.msc1767.text']).to.equal('I have it')
    expect(saysIn(poll, first?.id ?? '')).to.equal('take 7')
    expect(saysIn(poll, second?.id ?? '')).to.equal('resolve 7 safe')
    expect(saysIn(poll, 'constructor')).to.equal(undefined)
  })

  it('has other answers each time', () => {
    const ids = [0, 1].map(() => answersOf(pollContent('m:1:2.poll', 'Who has it?', choices))[0]?.id)
    expect(ids[0]).to.not.equal(ids[1])
  })

  it('a vote names its poll and its answer', () => {
    expect(voteIn('org.matrix.msc3381.poll.response', vote(['x']))).to.deep.equal({ poll: '$poll', answer: 'x' })
    expect(voteIn('m.poll.response', { ...vote([]), 'm.selections': ['y'] })).to.deep.include({ poll: '$poll' })
  })

  it('an empty vote takes one back, and what is no vote is none', () => {
    expect(voteIn('org.matrix.msc3381.poll.response', vote([]))).to.deep.equal({ poll: '$poll', answer: undefined })
    expect(voteIn('org.matrix.msc3381.poll.response', vote(7))?.answer).to.equal(undefined)
    expect(voteIn('org.matrix.msc3381.poll.response', {})).to.equal(undefined)
    expect(voteIn('m.room.message', vote(['x']))).to.equal(undefined)
  })
})
