import { codeOf } from './due-loop.ts'

/** A record that a newer imok wrote is left alone, and keeps nobody from being watched over. Throws whatever else keeps it from being read. */
export async function unlessNewer<T>(read: () => Promise<T>): Promise<T | 'newer'> {
  try {
    return await read()
  } catch (error) {
    if (codeOf(error) !== 'newer-schema') throw error
    return 'newer'
  }
}
