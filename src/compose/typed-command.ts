import { defaultDataDir } from '../config/load.ts'

const PLAIN = /^[\w@%+=:,./-]+$/

/** How a person types an operator's command for this data folder: without its name another one would be meant. */
export function typedCommand(command: string, dataDir: string): string {
  if (dataDir === defaultDataDir()) return `npm run ${command}`
  const shown = PLAIN.test(dataDir) ? dataDir : `'${dataDir.replaceAll("'", `'\\''`)}'`
  return `IMOK_DATA_DIR=${shown} npm run ${command}`
}
