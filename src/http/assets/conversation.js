// A list of messages that scrolls: keeps to its end unless you are reading further up.
/* global document, ResizeObserver */

import { tap, write, Refused } from './kernel.js'
import { interrupt } from './aloud.js'
import { kernelNow, showTime } from './clock.js'

const SHOWN = 200 // older ones leave the page; the kernel has them all
const NEAR = 80 // px from the end that still count as reading the end

/** A narrower box wraps its lines anew, which moves them as a lower one does. */
const sizeOf = (box) => `${box.clientWidth} ${box.clientHeight}`

export class Conversation {
  /** `box` scrolls, `latest` is the button that leads back to the end, `from` is who writes here. */
  constructor(box, latest, from) {
    this.box = box
    this.latest = latest
    this.from = from
    latest.addEventListener('click', () => {
      this.following = true
      this.toEnd()
      box.focus()
    })
    this.following = true // shows the end, until you scroll up
    this.size = ''
    box.addEventListener('scroll', () => {
      if (sizeOf(box) !== this.size) return // it changed its size: nobody has scrolled
      this.following = this.atEnd()
      if (this.following) latest.hidden = true
    })
    new ResizeObserver(() => {
      this.size = sizeOf(box)
      if (this.following) this.toEnd()
    }).observe(box)
  }

  atEnd() {
    return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < NEAR
  }

  toEnd() {
    this.box.scrollTop = this.box.scrollHeight
    this.latest.hidden = true
  }

  add(element, { always = false } = {}) {
    this.following ||= always
    this.box.append(element)
    const all = this.box.querySelectorAll(':scope > :not(.empty)')
    for (let i = 0; i < all.length - SHOWN; i++) all[i].remove()
    if (this.following) this.toEnd()
    else this.latest.hidden = false
  }

  clear() {
    for (const element of this.box.querySelectorAll(':scope > :not(.empty)')) element.remove()
    this.latest.hidden = true
  }

  /** Draws the buttons of message `n`. Pressing one shows what was pressed as a message of one's own. */
  drawChoices(element, n, buttons = []) {
    for (const label of buttons) {
      const button = document.createElement('button')
      button.type = 'button'
      button.textContent = label
      button.addEventListener('click', () => this.submit(label, () => tap(this.from, label, n)))
      element.append(button)
    }
  }

  write(text) {
    return this.submit(text, () => write(this.from, text))
  }

  /** Shows it as being sent, then as sent, or keeps it with a button to try again: what was written is never gone. */
  async submit(text, send) {
    const bubble = document.querySelector('#written').content.cloneNode(true).firstElementChild
    bubble.querySelector('.text').textContent = text
    showTime(bubble.querySelector('time'), kernelNow())
    const again = bubble.querySelector('.again')
    const attempt = async () => {
      mark(bubble, 'sending')
      try {
        await send()
        mark(bubble, 'sent')
      } catch (error) {
        mark(bubble, 'failed', error instanceof Refused ? error.message : '')
        interrupt(again.dataset.aloud)
        if (this.following) this.toEnd()
      }
    }
    again.addEventListener('click', () => {
      this.box.focus()
      void attempt()
    })
    this.add(bubble, { always: true })
    await attempt()
  }
}

function mark(bubble, state, why = '') {
  bubble.dataset.state = state
  const shown = bubble.querySelector('.state')
  shown.textContent = shown.dataset[state]
  bubble.querySelector('.again').hidden = state !== 'failed'
  bubble.querySelector('.why').hidden = why === ''
  bubble.querySelector('.why span').textContent = why
}

/** A box to write in: Enter sends, Shift+Enter is a new line, and nothing at all is not sent. */
export function connectBox(form, conversation) {
  const box = form.querySelector('textarea')
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const text = box.value
    if (text === '') return box.focus()
    box.value = ''
    void conversation.write(text)
  })
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    form.requestSubmit()
  })
}
