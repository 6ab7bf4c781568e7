import type { MessageInstance, MessagePage } from 'twilio/lib/rest/api/v2010/account/message.js'
import { TwilioFault } from './errors.ts'

/** The pages of a list, newest message first as Twilio sorts them. Throws `TwilioFault` (`too-many`) if `most` were not all. */
export async function* pagesOf(first: Promise<MessagePage>, most: number): AsyncGenerator<MessageInstance[]> {
  let page = await first
  for (let read = 1; ; read++) {
    yield page.instances
    if (page.nextPageUrl === undefined) return
    if (read >= most) throw new TwilioFault('too-many')
    page = (await page.nextPage()) as MessagePage
  }
}
