// Pictures small enough for a repository: a browser's PNG (8 bits a channel) becomes one with a palette of 256 colours, a third of its size.
import { crc32, deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const MOST = 256

interface Picture {
  width: number
  height: number
  /** 0xRRGGBB for each pixel. */
  pixels: Uint32Array
}

/** Of what a page looks like, text and areas, nothing is lost that an eye would miss. Throws for any other kind of PNG. */
export function smallPng(png: Buffer): Buffer {
  const { width, height, pixels } = decode(png)
  const palette = paletteOf(pixels)
  const nearest = new Map<number, number>(palette.map((colour, index) => [colour, index]))
  const rows = Buffer.alloc((width + 1) * height) // each row begins with its filter: 0, none
  for (let i = 0; i < pixels.length; i++) {
    const colour = pixels[i] ?? 0
    let index = nearest.get(colour)
    if (index === undefined) nearest.set(colour, (index = closest(palette, colour)))
    rows[Math.floor(i / width) * (width + 1) + 1 + (i % width)] = index
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8) // 8 bits, palette
  const colours = Buffer.from(palette.flatMap((c) => [c >> 16, (c >> 8) & 255, c & 255]))
  const body = deflateSync(rows, { level: 9 })
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('PLTE', colours), chunk('IDAT', body), chunk('IEND')])
}

function decode(png: Buffer): Picture {
  const parts: Buffer[] = []
  for (let at = SIGNATURE.length; at < png.length; at += 12 + png.readUInt32BE(at))
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)))
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)]
  const size = { 2: 3, 6: 4 }[png[25] ?? 0]
  if (png[24] !== 8 || size === undefined || png[28] !== 0) throw new Error('not a PNG as browsers write them')
  const raw = inflateSync(Buffer.concat(parts))
  const line = width * size
  const pixels = new Uint32Array(width * height)
  let above = new Uint8Array(line)
  for (let y = 0; y < height; y++) {
    const start = y * (line + 1)
    const row = unfilter(raw[start] ?? 0, raw.subarray(start + 1, start + 1 + line), above, size)
    for (let x = 0; x < width; x++) {
      const at = x * size
      pixels[y * width + x] = ((row[at] ?? 0) << 16) | ((row[at + 1] ?? 0) << 8) | (row[at + 2] ?? 0)
    }
    above = row
  }
  return { width, height, pixels }
}

/** The filters of the PNG specification, section 9. */
function unfilter(kind: number, row: Uint8Array, above: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const plain = new Uint8Array(row.length)
  for (let i = 0; i < row.length; i++) {
    const [a, b, c] = [plain[i - size] ?? 0, above[i] ?? 0, above[i - size] ?? 0]
    const guess = [0, a, b, (a + b) >> 1, paeth(a, b, c)][kind] ?? 0
    plain[i] = (row[i] ?? 0) + guess
  }
  return plain
}

function paeth(a: number, b: number, c: number): number {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)]
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c
}

/** The most frequent colours; of those that are nearly alike only the first. */
function paletteOf(pixels: Uint32Array): number[] {
  const counts = new Map<number, number>()
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1)
  const byCount = [...counts].sort((x, y) => y[1] - x[1]).map(([colour]) => colour)
  if (byCount.length <= MOST) return byCount
  const alike = new Set<number>()
  const distinct = byCount.filter((colour) => {
    const rough = colour & 0xf8f8f8
    const isNew = !alike.has(rough)
    alike.add(rough)
    return isNew
  })
  return distinct.slice(0, MOST)
}

function closest(palette: number[], colour: number): number {
  let best = 0
  let least = Infinity
  for (const [index, other] of palette.entries()) {
    const far = distance(colour, other)
    if (far < least) [best, least] = [index, far]
  }
  return best
}

const distance = (a: number, b: number): number =>
  ((a >> 16) - (b >> 16)) ** 2 + (((a >> 8) & 255) - ((b >> 8) & 255)) ** 2 + ((a & 255) - (b & 255)) ** 2

function chunk(kind: string, data = Buffer.alloc(0)): Buffer {
  const named = Buffer.concat([Buffer.from(kind, 'latin1'), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, check])
}
