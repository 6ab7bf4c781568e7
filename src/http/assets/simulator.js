// Asks the kernel what was sent since, and draws it. Losing the kernel is said, and never loses what is on the page.
/* global document */

import { board, list, skip } from './kernel.js'
import { holdClock, setClock } from './clock.js'
import { interrupt, say } from './aloud.js'
import { forgetPhones, receive, startPhones } from './phones.js'
import { calling, forgetRoom, receiveInRoom, showBoard, startRoom } from './room.js'
import { arrived, startViews } from './views.js'

const EVERY = 500 // ms
const banner = document.querySelector('#banner')
const title = document.title

let last = 0 // the number of the last message drawn
let newest = '' // that message, to notice a kernel with another history
let kernel // which run of the kernel we talk to
let first = true // what was sent before the page was opened is not read aloud

function draw(messages) {
  for (const message of messages) {
    const inRoom = message.to === 'room'
    const alarm = inRoom && receiveInRoom(message)
    const whose = inRoom ? '' : `${receive(message)}: `
    if (!first) {
      if (alarm) interrupt(message.text.split('\n', 1)[0])
      say(whose + message.text)
      arrived(inRoom ? 'room' : 'phones')
    }
    last = message.n
    newest = JSON.stringify(message)
  }
  first = false
  const open = calling()
  document.title = open > 0 ? `(${open}) ${title}` : title
  document.body.toggleAttribute('data-calling', open > 0)
}

/** A kernel that was started anew may have another history (an emptied data folder): then the page begins again. */
async function sameHistory(run) {
  if (kernel !== undefined && kernel !== run && last > 0) {
    const [still] = await list(last - 1)
    if (JSON.stringify(still) !== newest) {
      forgetPhones()
      forgetRoom()
      last = 0
      first = true
    }
  }
  kernel = run
}

function lost(now) {
  if (now === !banner.hidden) return
  banner.hidden = !now
  holdClock(now)
  if (now) interrupt(banner.textContent)
  else say(banner.dataset.back)
}

async function poll() {
  try {
    const state = await board()
    setClock(state.now, state.speed)
    showBoard(state.text)
    await sameHistory(state.run)
    draw(await list(last))
    lost(false)
  } catch {
    lost(true)
  }
  setTimeout(poll, EVERY)
}

function startSkip() {
  const button = document.querySelector('#skip')
  button?.addEventListener('click', async () => {
    try {
      await skip(1)
      say(button.dataset.done)
    } catch {
      interrupt(button.dataset.failed)
    }
  })
}

startPhones()
startRoom()
startViews()
startSkip()
void poll()
