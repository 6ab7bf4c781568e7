/** The id that a text has inside, by the address to which it is to be reported. */
export const effectOf = (reports: string | null | undefined): string | undefined =>
  (reports ? new URL(reports).searchParams.get('e') : null) ?? undefined
