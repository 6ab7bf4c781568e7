/** The known name nearest to a mistyped one; undefined when none is near enough to be meant. */
export function suggest(given: string, known: readonly string[]): string | undefined {
  const word = given.toLowerCase()
  const reach = Math.max(2, Math.floor(word.length / 4))
  const ranked = known
    .map((name) => ({ name, steps: distance(word, name.toLowerCase()) }))
    .filter(({ steps }) => steps <= reach)
    .sort((a, b) => a.steps - b.steps)
  return ranked[0]?.name
}

/** Typing mistakes between two words: a letter missing, added, wrong, or two neighbours swapped (optimal string alignment). */
function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (_, j) => i || j))
  const cell = (i: number, j: number): number => rows[i]?.[j] ?? 0
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const wrong = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(cell(i - 1, j) + 1, cell(i, j - 1) + 1, cell(i - 1, j - 1) + wrong)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, cell(i - 2, j - 2) + 1)
      const row = rows[i]
      if (row) row[j] = least
    }
  }
  return cell(a.length, b.length)
}
