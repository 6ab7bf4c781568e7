// The kernel's clock, which may run faster than the one on the wall. It is asked for, and carried on in between.
/* global document */

const { zone, language } = document.body.dataset

const format = (options) => {
  const wanted = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', numberingSystem: 'latn', ...options }
  try {
    return new Intl.DateTimeFormat(language, { ...wanted, timeZone: zone })
  } catch {
    return new Intl.DateTimeFormat('en', { ...wanted, timeZone: 'UTC' }) // a zone that this browser does not know
  }
}
const minutes = format({})
const seconds = format({ second: '2-digit' })

let held = false // while the kernel does not answer, nobody knows what time it has
let known // { now, speed, seen }: kernel ms, kernel ms in a real one, when we heard it

export function setClock(now, speed) {
  known = { now: Date.parse(now), speed, seen: performance.now() }
  tick()
}

/** Stops the clock that is shown, or lets it run on. */
export function holdClock(now) {
  held = now
  tick()
}

export const kernelNow = () =>
  known ? new Date(known.now + (performance.now() - known.seen) * known.speed) : new Date()

/** Writes a moment into a <time> as people read it: HH:MM. */
export function showTime(element, at) {
  element.dateTime = at.toISOString()
  element.textContent = minutes.format(at)
}

function tick() {
  if (!known || held) return
  const now = kernelNow()
  const time = document.querySelector('#clock')
  time.dateTime = now.toISOString()
  time.textContent = seconds.format(now)
  const speed = document.querySelector('#speed')
  speed.hidden = known.speed === 1
  speed.textContent = speed.dataset.words.replace('*', String(known.speed))
}
setInterval(tick, 250)
