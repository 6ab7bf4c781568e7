/** Something that only the operator can mend: asking again is of little use. The message is in words for them. */
export class Refused extends Error {
  /** A short code for the metrics and `doctor`: no private data. */
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.name = 'Refused'
    this.code = code
  }
}
