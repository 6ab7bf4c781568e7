// The first steps, ticked off when the room shows that they were done. A narrow screen shows the next one only.
/* global document */

const steps = () => document.querySelectorAll('.steps li')

/** `opening` is the first line of a message in the room. */
export function stepDone(opening) {
  for (const step of steps())
    if (!step.hasAttribute('data-done') && new RegExp(`^\\W*#\\d+ ${step.dataset.until}\\b`).test(opening)) tick(step)
}

function tick(step) {
  step.setAttribute('data-done', '')
  const isOver = [...steps()].every((one) => one.hasAttribute('data-done'))
  if (isOver) document.querySelector('.steps').open = false
}

export function stepsUndone() {
  for (const step of steps()) step.removeAttribute('data-done')
}
