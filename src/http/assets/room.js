// The admins' room. Its messages open with fixed words (design: the protocol, section 4); those give a card its look.
/* global document */

import { Conversation, connectBox } from './conversation.js'
import { showTime } from './clock.js'
import { stepDone, stepsUndone } from './steps.js'

const LOOKS = [
  ['alarm', /^\W*#(\d+) (?:OVERDUE|SOS|DURESS|NO-SHOW|UNREACHABLE|ROLL-CALL|OPEN AGAIN)/],
  ['taken', /^\W*#(\d+) TAKEN/],
  ['over', /^\W*#(\d+) (?:CLOSED|STOOD DOWN)/],
  ['warning', /^\W*(?:UNVERIFIED|BLIND)/],
]

const incidents = new Map() // number -> 'alarm' | 'taken' | 'over': what was said last
const later = new WeakMap() // card -> what was said later of each number in it
let conversation

export function startRoom() {
  const room = document.querySelector('#room')
  conversation = new Conversation(room.querySelector('.messages'), room.querySelector('.latest'), '@admin:simulator')
  const form = room.querySelector('form')
  if (form) connectBox(form, conversation)
}

/** Draws a message in the room. Returns whether it is an alarm. */
export function receiveInRoom({ n, text, at, buttons }) {
  const { look, numbers } = lookOf(text)
  const card = document.querySelector('#card').content.cloneNode(true).firstElementChild
  card.dataset.look = look
  const [opening, ...rest] = text.split('\n')
  card.querySelector('.opening').textContent = opening
  card.querySelector('.rest').textContent = rest.join('\n')
  showTime(card.querySelector('time'), new Date(at))
  conversation.drawChoices(card.querySelector('.choices'), n, buttons)
  if (numbers) follow(card, numbers, look)
  stepDone(opening)
  conversation.add(card, { always: look === 'alarm' })
  return look === 'alarm'
}

function lookOf(text) {
  for (const [look, pattern] of LOOKS) {
    const match = pattern.exec(text)
    if (match?.[1]) return { look, numbers: numbersIn(text, match[1]) }
    if (match) return { look }
  }
  return { look: 'news' }
}

/** A roll-call and the answer to `take 7-9` are about many: each has its line. A roll-call opens with the number of one of them. */
const numbersIn = (text, first) => [...new Set([first, ...[...text.matchAll(/^#(\d+) /gm)].map((match) => match[1])])]

/** Earlier cards of the same incidents stop calling once all of theirs were heard of again: they are dimmed, and lose their buttons when it is over. */
function follow(card, numbers, look) {
  for (const number of numbers) {
    incidents.set(number, look)
    for (const earlier of document.querySelectorAll(`.card[data-incident~="${number}"]`)) {
      const said = later.get(earlier).set(number, look)
      if (said.size === earlier.dataset.incident.split(' ').length) earlier.dataset.earlier = look
      if (look === 'over' && earlier.dataset.earlier) earlier.querySelector('.choices').replaceChildren()
    }
    if (look === 'over') incidents.delete(number)
  }
  card.dataset.incident = numbers.join(' ')
  later.set(card, new Map())
  hint()
}

/** What could be written now, with the number that it is about: nobody should have to look for it. */
function hint() {
  const box = document.querySelector('#room-text')
  if (!box) return
  const open = [...incidents]
  const [number, look] = open.findLast(([, last]) => last === 'alarm') ?? open.at(-1) ?? []
  box.placeholder = number ? box.dataset[look].replace('*', number) : box.dataset.quiet
}

/** How many incidents call for somebody now. */
export const calling = () => [...incidents.values()].filter((look) => look === 'alarm').length

export function showBoard(text) {
  const board = document.querySelector('#board')
  const shown = text || board.dataset.empty
  if (board.textContent !== shown) board.textContent = shown
}

export function forgetRoom() {
  incidents.clear()
  hint()
  stepsUndone()
  conversation.clear()
}
