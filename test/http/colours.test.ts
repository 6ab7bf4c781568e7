import { readFileSync } from 'node:fs'
import { expect } from 'chai'

const css = readFileSync(new URL('../../src/http/assets/colours.css', import.meta.url), 'utf8')
const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)')

const colours = (part: string): Map<string, string> =>
  new Map([...part.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((match) => [match[1]!, match[2]!]))

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}
function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high! + 0.05) / (low! + 0.05)
}

/** What stands on what on the page. */
const TEXTS: [string, string[]][] = [
  ['ink', ['ground', 'surface', 'sunken', 'mine', 'alarm-ground', 'taken-ground', 'over-ground', 'warning-ground']],
  ['soft', ['ground', 'surface', 'sunken', 'alarm-ground', 'taken-ground', 'over-ground', 'warning-ground']],
  ['accent', ['ground', 'surface']],
  ['on-accent', ['accent']],
  ['on-alarm', ['alarm']],
  ['alarm', ['ground', 'surface', 'mine', 'alarm-ground']],
  ['taken', ['surface', 'taken-ground']],
  ['over', ['surface', 'over-ground']],
  ['warning', ['surface', 'warning-ground']],
]

describe('The colours of the page', () => {
  for (const [scheme, part] of [
    ['light', light],
    ['dark', dark],
  ] as const) {
    const map = colours(part)
    for (const [text, grounds] of TEXTS)
      for (const ground of grounds)
        it(`${scheme}: ${text} on ${ground} is readable (4.5:1)`, () =>
          expect(contrast(map.get(text)!, map.get(ground)!)).to.be.at.least(4.5))
    for (const ground of ['ground', 'surface', 'sunken'])
      it(`${scheme}: the edge of a control and the focus ring are seen on ${ground} (3:1)`, () => {
        expect(contrast(map.get('edge')!, map.get(ground)!)).to.be.at.least(3)
        expect(contrast(map.get('accent')!, map.get(ground)!)).to.be.at.least(3)
      })
  }
})
