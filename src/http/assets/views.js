// On a narrow screen the phones and the room take turns. A button tells how much is new on the side that is not shown.
/* global document, matchMedia */

const fresh = { phones: 0, room: 0 }
const buttons = () => document.querySelectorAll('.views button')
const narrow = matchMedia('(max-width: 859px)')

function show(view) {
  document.body.dataset.view = view
  fresh[view] = 0
  draw()
}

function draw() {
  for (const button of buttons()) {
    const { view } = button.dataset
    button.setAttribute('aria-pressed', String(document.body.dataset.view === view))
    button.querySelector('.count').hidden = fresh[view] === 0
    button.querySelector('.count .number').textContent = String(fresh[view])
  }
}

/** Something came on that side. */
export function arrived(view) {
  if (!narrow.matches || document.body.dataset.view === view) return
  fresh[view]++
  draw()
}

export function startViews() {
  for (const button of buttons()) button.addEventListener('click', () => show(button.dataset.view))
  narrow.addEventListener('change', () => show(document.body.dataset.view))
}
