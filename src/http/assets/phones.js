// The phones: one card each, drawn from the template, by number.
/* global document */

import { Conversation, connectBox } from './conversation.js'
import { showTime } from './clock.js'

const MOST = 12 // phones that appear by themselves; more can be added by hand

const phones = new Map() // number -> { conversation, name }
const kept = new Map() // number -> what was sent to it, for a phone that is added later
const KEPT = 200

const element = (id) => document.querySelector(`#${id}`)
const template = (id) => element(id).content.cloneNode(true).firstElementChild

export function addPhone(number, name) {
  const known = phones.get(number)
  if (known) return known
  const card = template('phone')
  card.dataset.number = number
  if (name) card.querySelector('.name').textContent = name
  card.querySelector('.number').textContent = number
  const id = `text-${number.slice(1)}`
  card.querySelector('textarea').id = id
  card.querySelector('label').htmlFor = id
  const heading = card.querySelector('h3')
  heading.id = `phone-${number.slice(1)}`
  card.setAttribute('aria-labelledby', heading.id)
  const conversation = new Conversation(card.querySelector('.messages'), card.querySelector('.latest'), number)
  connectBox(card.querySelector('form'), conversation)
  for (const quick of card.querySelectorAll('[data-text]'))
    quick.addEventListener('click', () => void conversation.write(quick.dataset.text))
  const phone = { card, conversation, name: card.querySelector('.name').textContent }
  phones.set(number, phone)
  element('phone-list').append(card)
  for (const message of kept.get(number) ?? []) draw(phone, message)
  kept.delete(number)
  return phone
}

/** Draws what was sent to a phone; a number that is new here gets a phone. Returns whose phone it is. */
export function receive(message) {
  const phone = phones.get(message.to) ?? (phones.size < MOST ? addPhone(message.to) : undefined)
  if (phone) draw(phone, message)
  else keep(message)
  return phone ? `${phone.name} ${message.to}` : message.to
}

function keep(message) {
  const all = kept.get(message.to) ?? []
  kept.set(message.to, [...all, message].slice(-KEPT))
}

function draw({ conversation }, { n, text, at, buttons }) {
  const bubble = template('received')
  bubble.querySelector('.text').textContent = text
  showTime(bubble.querySelector('time'), new Date(at))
  conversation.drawChoices(bubble.querySelector('.choices'), n, buttons)
  conversation.add(bubble)
}

export function forgetPhones() {
  kept.clear()
  for (const { conversation } of phones.values()) conversation.clear()
}

export function startPhones() {
  for (const first of document.querySelectorAll('#phone-list > [data-number]')) {
    addPhone(first.dataset.number, first.dataset.name)
    first.remove()
  }
  const form = element('add-phone')
  const input = form.querySelector('input')
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const number = input.value.replace(/[\s().-]/g, '')
    const right = /^\+[1-9]\d{6,14}$/.test(number)
    element('add-wrong').hidden = right
    input.setAttribute('aria-invalid', String(!right))
    if (!right) return input.focus()
    input.value = ''
    const { card } = addPhone(number)
    card.scrollIntoView({ block: 'nearest' })
    card.querySelector('textarea').focus()
  })
}
