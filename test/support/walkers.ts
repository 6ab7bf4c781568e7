// Many who are out at once, and what the room heard of each of them.
import type { Story } from './story.ts'

export interface Walker {
  name: string
  address: string
}

/** `Walker A`, `Walker B` … each with a drawn phone. */
export async function walkers(story: Story, count: number): Promise<Walker[]> {
  const all = Array.from({ length: count }, (_, n) => ({
    name: `Walker ${letters(n)}`,
    address: `+4477009${String(10_000 + n)}`,
  }))
  for (const { name, address } of all) await story.until(story.register(name, { channel: 'simulator', address }))
  return all
}

/** So many who are out until noon, five seconds before it; the story begins at eleven. */
export async function beforeNoon(story: Story, count: number): Promise<Walker[]> {
  const all = await walkers(story, count)
  for (const { address } of all) await story.phone(address).texts('in until 12:00')
  await story.forward('59m55s')
  return all
}

const letters = (n: number): string =>
  (n < 26 ? '' : letters(Math.floor(n / 26) - 1)) + String.fromCharCode(65 + (n % 26))

/** What the room was told, each with its moment. */
export async function inRoom(story: Story): Promise<{ at: number; text: string }[]> {
  return (await story.messages())
    .filter(({ to }) => to === 'room')
    .map(({ at, text }) => ({ at: Date.parse(at), text }))
}

export const isRollCall = ({ text }: { text: string }): boolean => /^#\d+ ROLL-CALL, /.test(text)

/** The number under which somebody is named in a message, if it is an alarm and says how to take it. */
export function numberOf({ name }: Walker, text: string): number | undefined {
  const single = new RegExp(`^#(\\d+) (?:OVERDUE, unconfirmed|OPEN AGAIN): ${name}\\b`).exec(text)?.[1]
  const listed = new RegExp(`^#(\\d+) (?:OPEN AGAIN: )?${name}, due`, 'm').exec(text)?.[1]
  const number = single ?? (/^#\d+ ROLL-CALL, /.test(text) ? listed : undefined)
  return number !== undefined && new RegExp(`\\btake ${number}\\b`).test(text) ? Number(number) : undefined
}

/** When the room heard of somebody, by which words. */
export async function alarmsOf(story: Story, walker: Walker): Promise<{ at: number; text: string }[]> {
  return (await inRoom(story)).filter(({ text }) => numberOf(walker, text) !== undefined)
}
