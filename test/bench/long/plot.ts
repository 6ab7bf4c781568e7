// Lines over time, as an SVG that stands by itself.

export interface Line {
  name: string
  /** Moments in hours, and values; a gap is left where a value is no number. */
  points: readonly (readonly [at: number, value: number])[]
}

export interface Chart {
  title: string
  lines: readonly Line[]
}

const WIDTH = 900
const HEIGHT = 210
const LEFT = 70
const RIGHT = 190
const TOP = 34
const BOTTOM = 30
const colours = ['#0f6b63', '#b3261e', '#8a5a00', '#3f51b5', '#6a1b9a', '#55615c', '#2e7d32']

/** One above the other, over the same hours. */
export function plot(title: string, unit: string, charts: readonly Chart[]): string {
  const all = charts.flatMap(({ lines }) => lines.flatMap(({ points }) => points))
  const end = all.reduce((most, [at]) => Math.max(most, at), 1)
  const height = 40 + charts.length * HEIGHT + 20
  const drawn = charts.map(
    (chart, n) => `<g transform="translate(0 ${String(40 + n * HEIGHT)})">${one(chart, end)}</g>`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(height)}" role="img" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${title}</title><rect width="${String(WIDTH)}" height="${String(height)}" fill="#ffffff"/>`,
    `<text x="16" y="26" font-size="17" font-weight="700" fill="#1b2421">${title}</text>`,
    ...drawn,
    `<text x="${String(WIDTH - RIGHT)}" y="${String(height - 8)}" text-anchor="end" fill="#3f4a45">${unit}</text>`,
    '</svg>\n',
  ].join('\n')
}

function one({ title, lines }: Chart, end: number): string {
  const most = niceAbove(Math.max(1, ...lines.flatMap(({ points }) => points.map(([, value]) => value || 0))))
  const x = (at: number): number => LEFT + (at / end) * (WIDTH - LEFT - RIGHT)
  const y = (value: number): number => TOP + (1 - value / most) * (HEIGHT - TOP - BOTTOM)
  const rules = [0, 0.5, 1].map((share) => {
    const at = y(most * share).toFixed(1)
    return `<path d="M${String(LEFT)} ${at}H${String(WIDTH - RIGHT)}" stroke="#d5dad3"/><text x="${String(LEFT - 8)}" y="${at}" dy="4" text-anchor="end" fill="#3f4a45">${(most * share).toLocaleString('en')}</text>`
  })
  const hours = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<text x="${x(end * share).toFixed(1)}" y="${String(HEIGHT - BOTTOM + 18)}" text-anchor="middle" fill="#3f4a45">${(end * share).toFixed(0)}</text>`,
  )
  const drawn = lines.map(({ name, points }, n) => {
    const colour = colours[n % colours.length] ?? '#000000'
    const last = points.findLast(([, value]) => Number.isFinite(value))?.[1] ?? 0
    return `<path d="${pathOf(points, x, y)}" fill="none" stroke="${colour}" stroke-width="1.6"/><text x="${String(WIDTH - RIGHT + 12)}" y="${String(TOP + 8 + n * 19)}" fill="${colour}">${name}: ${last.toLocaleString('en', { maximumFractionDigits: 0 })}</text>`
  })
  return [
    `<text x="${String(LEFT)}" y="20" font-weight="700" fill="#1b2421">${title}</text>`,
    ...rules,
    ...hours,
    ...drawn,
  ].join('\n')
}

function pathOf(points: Line['points'], x: (at: number) => number, y: (value: number) => number): string {
  let isDown = false
  return points
    .map(([at, value]) => {
      if (!Number.isFinite(value)) {
        isDown = false
        return ''
      }
      const step = `${isDown ? 'L' : 'M'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`
      isDown = true
      return step
    })
    .join('')
}

/** 1, 2 or 5 with noughts behind. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power
}
