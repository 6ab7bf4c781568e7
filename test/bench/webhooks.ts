// Texts from phones, as Twilio posts them: signed, at a steady rate, whether or not earlier ones were answered.
import { Agent, request } from 'node:http'
import { signatureOf } from '../support/fake-twilio.ts'
import type { FakeTwilio } from '../support/fake-twilio.ts'
import { texter } from './prepare.ts'

export interface Posted {
  /** Milliseconds from sending to the complete 200. */
  latencies: number[]
  /** Answers other than 200, and calls that failed. */
  refused: number
  /** How much later than planned the generator sent, at most: above a few milliseconds this machine was too busy. */
  generatorLag: number
}

export async function postTexts(
  url: string,
  twilio: FakeTwilio,
  load: { rate: number; seconds: number; texters: number },
): Promise<Posted> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const target = `${url}/sms/twilio`
  const posted: Posted = { latencies: [], refused: 0, generatorLag: 0 }

  const post = (n: number): Promise<void> =>
    new Promise((resolve) => {
      const sid = `SM${n.toString(16).padStart(32, 'b')}`
      const fields = {
        MessageSid: sid,
        SmsSid: sid,
        AccountSid: twilio.accountSid,
        From: texter(n % load.texters),
        To: twilio.number,
        Body: Math.floor(n / load.texters) % 2 === 0 ? 'in 60 at the north gate' : 'OUT',
        NumMedia: '0',
        NumSegments: '1',
        SmsStatus: 'received',
        ApiVersion: '2010-04-01',
      }
      const headers = {
        'content-type': 'application/x-www-form-urlencoded',
        'x-twilio-signature': signatureOf(twilio.authToken, target, fields),
      }
      const body = new URLSearchParams(fields).toString()
      const sent = performance.now()
      const call = request(
        target,
        { method: 'POST', agent, headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
        (response) => {
          response.resume().on('end', () => {
            if (response.statusCode === 200) posted.latencies.push(performance.now() - sent)
            else posted.refused++
            resolve()
          })
        },
      )
      call.on('error', () => {
        posted.refused++
        resolve()
      })
      call.end(body)
    })

  const calls: Promise<void>[] = []
  const began = performance.now()
  for (let n = 0; n < load.rate * load.seconds; n++) {
    const planned = began + (n * 1_000) / load.rate
    const early = planned - performance.now()
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early))
    else posted.generatorLag = Math.max(posted.generatorLag, -early)
    calls.push(post(n))
  }
  await Promise.all(calls)
  agent.destroy()
  return posted
}
