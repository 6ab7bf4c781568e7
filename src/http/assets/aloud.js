// What a screen reader says by itself. The message lists are not live, because one of the two may be hidden.
/* global document */

const KEPT = 5

function add(region, words) {
  const line = document.createElement('p')
  line.textContent = words
  region.append(line)
  while (region.childElementCount > KEPT) region.firstElementChild.remove()
}

/** Said when the reader has finished what it is saying. */
export const say = (words) => add(document.querySelector('#aloud'), words)

/** Said at once: an alarm, or something of yours that went wrong. */
export const interrupt = (words) => add(document.querySelector('#alarm-aloud'), words)
