import type { Token } from './reading.ts'

/**
 * Words that telephone companies act on before or beside us (protocol.md section 1): the SMS line to the member is dead once one
 * of them was sent, so none of them can be a command in any language.
 */
export const carrierWords: readonly string[] = [
  'stop',
  'stopall',
  'stop all',
  'unsubscribe',
  'cancel',
  'end',
  'quit',
  'revoke',
  'optout',
  'opt out',
  'remove',
  'arret',
  'arrete',
  'fin',
  'baja',
  'salir',
  'alto',
  'stopp',
  'ende',
  'td',
]

const known = new Set(carrierWords)

/** The carriers' word that a whole text is, in capitals. With other words behind it, it is just a word. */
export const carrierWordOf = (tokens: readonly Token[]): string | undefined => {
  const words = tokens.filter((token) => !token.emoji)
  if (words.length === 0 || words.length > 2) return undefined
  const text = words.map((token) => token.text).join(' ')
  return known.has(text) ? text.toUpperCase() : undefined
}
