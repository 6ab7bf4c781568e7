/** A text of the page (`page.…` in locales/<lng>/page.json) in the reader's language. */
export type PageWords = (key: string, params?: Record<string, string | number>) => string

/** What the page shows, decided when the kernel starts. */
export interface PageOptions {
  t: PageWords
  /** Language tag and direction of what `t` gives. */
  language: string
  direction?: 'ltr' | 'rtl'
  groupName: string
  /** IANA name of the group's time zone: the page's clock reads in it. */
  zone: string
  /** Phones drawn at once: E.164 numbers and whose they are. */
  phones: { number: string; name: string }[]
  /** The simulated admin may write. */
  admin: boolean
  /** The clock can be skipped ahead. */
  skip: boolean
}
