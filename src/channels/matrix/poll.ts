import { randomBytes } from 'node:crypto'
import { EFFECT } from './content.ts'

export const POLL_START = 'org.matrix.msc3381.poll.start'
const POLL_RESPONSE = ['org.matrix.msc3381.poll.response', 'm.poll.response']
const POLL_END = 'org.matrix.msc3381.poll.end'

/** What each answer says, inside the ciphertext of our own poll: whoever reads a vote needs nothing but the poll. */
const SAYS = 'org.imok.says'

export interface PollChoice {
  label: string
  says: string
}

/** A poll under an alert: encrypted, and so are its votes. Disclosed, so that everybody sees who has it. */
export function pollContent(id: string, question: string, choices: readonly PollChoice[]): Record<string, unknown> {
  // Random in each poll: an answer of one says nothing in another.
  const answers = choices.map((choice) => ({ ...choice, id: randomBytes(9).toString('base64url') }))
  return {
    [POLL_START]: {
      kind: 'org.matrix.msc3381.poll.disclosed',
      max_selections: 1,
      question: { 'org.matrix.msc1767.text': question, body: question, msgtype: 'm.text' },
      answers: answers.map(({ id: answer, label }) => ({ id: answer, 'org.matrix.msc1767.text': label })),
    },
    'org.matrix.msc1767.text': [question, ...choices.map(({ label }, n) => `${String(n + 1)}. ${label}`)].join('\n'),
    [SAYS]: Object.fromEntries(answers.map(({ id: answer, says }) => [answer, says])),
    [EFFECT]: id,
  }
}

export function pollEndContent(id: string, poll: string, text: string): Record<string, unknown> {
  return {
    'm.relates_to': { rel_type: 'm.reference', event_id: poll },
    [POLL_END]: {},
    'org.matrix.msc1767.text': text,
    [EFFECT]: id,
  }
}

export const POLL_END_TYPE = POLL_END

/** Which poll somebody voted in and for what; undefined for what is no vote. An empty vote takes one back. */
export function voteIn(
  type: string,
  content: Record<string, unknown>,
): { poll: string; answer: string | undefined } | undefined {
  if (!POLL_RESPONSE.includes(type)) return undefined
  const relation = content['m.relates_to'] as { rel_type?: unknown; event_id?: unknown } | undefined
  if (relation?.rel_type !== 'm.reference' || typeof relation.event_id !== 'string') return undefined
  const response = (content[POLL_RESPONSE[0] ?? ''] ?? content['m.selections'] ?? content['m.poll.response']) as
    { answers?: unknown } | unknown[] | undefined
  const answers = Array.isArray(response) ? response : response?.answers
  const [answer] = Array.isArray(answers) ? (answers as unknown[]) : []
  return { poll: relation.event_id, answer: typeof answer === 'string' ? answer : undefined }
}

/** What an answer of our own poll says, as the same words that somebody could have written. */
export function saysIn(poll: Record<string, unknown>, answer: string): string | undefined {
  const says = poll[SAYS]
  if (typeof says !== 'object' || says === null) return undefined
  const found = (says as Record<string, unknown>)[answer]
  return typeof found === 'string' ? found : undefined
}
