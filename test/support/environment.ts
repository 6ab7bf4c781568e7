/** This process's environment for one of its own, without settings of imok: a test's kernel has those that it is given. */
export const withoutSettings = (): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('IMOK_')))
