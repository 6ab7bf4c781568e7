import { toGsm7 } from '../../i18n/gsm7.ts'
import type { Channel, Outgoing } from '../../ports/channel.ts'

/**
 * One curly quote in a name turns a text of 160 characters into three of 70. What is sent is what is looked for later, so both
 * are written the same way.
 */
export function plainText<Sms extends Channel>(channel: Sms): Sms {
  const plain = (message: Outgoing): Outgoing => ({ ...message, text: toGsm7(message.text) })
  const { find } = channel
  return {
    ...channel,
    send: (message) => channel.send(plain(message)),
    ...(find && { find: (message: Outgoing, others?: ReadonlySet<string>) => find(plain(message), others) }),
  }
}
