/** A text that two IndexedDB keys share if they are the same key: a number, date, text, bytes, or a list of keys. */
export function keyText(key: unknown): string {
  if (typeof key === 'number') return `n${key === 0 ? 0 : key}`
  if (typeof key === 'string') return `s${key}`
  if (key instanceof Date) return `d${key.getTime()}`
  if (Array.isArray(key)) return `a${JSON.stringify(key.map(keyText))}`
  if (key instanceof ArrayBuffer) return `b${Buffer.from(key).toString('hex')}`
  throw new TypeError('this is no key of IndexedDB')
}
