import type { Text } from '../core/texts.ts'

/** Turns decided texts into words: the last hop. */
export interface Renderer {
  /** Lines joined by newlines, in this language (English where a text is missing), with the group's wall clock. */
  render: (body: Text[], language: string) => string
}
