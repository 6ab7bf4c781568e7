/** Takes whole lines. */
export interface Lines {
  write: (line: string) => void
}

/** Bytes that may wait for a reader that has stopped reading (a pager, a stuck journal). */
const LONGEST_BACKLOG = 1_048_576

/**
 * Standard output, without ever waiting for it: the watch goes on though nobody reads its log. Not pino's own destination: measured
 * with a full pipe, it blocks the process, or in its asynchronous mode the end of the process.
 */
export function standardOutput(out: NodeJS.WriteStream = process.stdout): Lines {
  let dropped = 0
  // The reader is gone: there is nowhere left to say so, and it is no reason to stop watching.
  out.on('error', () => undefined)
  return {
    write: (line) => {
      if (out.writableLength > LONGEST_BACKLOG || !out.writable) {
        dropped++
        return
      }
      if (dropped > 0)
        out.write(`{"level":"warn","msg":"lines of the log were dropped: nobody read them","count":${dropped}}\n`)
      dropped = 0
      out.write(line)
    },
  }
}
