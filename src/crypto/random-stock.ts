import { randomFillSync } from 'node:crypto'

const STOCK = 4_096

const stock = Buffer.allocUnsafeSlow(STOCK)
let used = STOCK

/**
 * A few random bytes, each given out once and forgotten. Drawn in stock, because every call to the system costs several microseconds
 * however few are asked for, and there is one for every save (measured: with ten thousand deadlines in a minute, 4 % of the time).
 */
export function randomFew(count: number): Buffer {
  if (count > STOCK / 8) throw new RangeError(`${count} random bytes are not few`)
  if (used + count > STOCK) {
    randomFillSync(stock)
    used = 0
  }
  const few = Buffer.from(stock.subarray(used, used + count))
  stock.fill(0, used, used + count)
  used += count
  return few
}
