import express from 'express'
import type { Router } from 'express'
import { text } from '../core/texts.ts'
import type { Given } from '../app/engine.ts'
import { plainText } from '../channels/sms/plain-text.ts'
import type { Config } from '../config/config.ts'
import type { Texts } from '../i18n/texts.ts'
import type { Channel } from '../ports/channel.ts'
import type { Clock } from '../ports/clock.ts'
import type { Inbox } from '../ports/inbox.ts'
import type { Log, Metrics } from '../ports/log.ts'
import type { Renderer } from '../ports/texts.ts'

/** The ways to real phones. */
export interface Phones {
  channels: Channel[]
  /** What providers call. */
  routes: Router
  telegramName: () => string | undefined
}

interface Needs {
  texts: Texts
  clock: Clock
  log: Log
  metrics: Metrics
  /** Where providers call us. */
  port: number
  inbox: Pick<Inbox, 'put'>
  somebodyIsOut: Given['somebodyIsOut']
  mayAct?: () => boolean
}

/** Makes the ways to phones that are configured. Adapters that are not are never loaded: they cost memory. */
export async function loadPhones(config: Config): Promise<(needs: Needs) => Phones> {
  const twilio = config.twilio && (await import('../channels/sms/twilio/channel.ts')).twilioChannel
  const telegram = config.telegram && (await import('../channels/telegram/channel.ts')).telegramChannel
  return ({ texts, clock, log, metrics, port, inbox, somebodyIsOut, mayAct }) => {
    const routes = express.Router()
    const channels: Channel[] = []
    let telegramName = (): string | undefined => undefined
    const common = { inbox, clock, log, metrics, ...(mayAct && { mayAct }) }
    if (twilio && config.twilio) {
      const { accountSid, authTokens, from, apiUrl, mode } = config.twilio
      const channel = twilio({
        ...common,
        accountSid,
        authToken: authTokens[0].reveal(),
        authTokenPrevious: authTokens[1]?.reveal(),
        from,
        apiUrl,
        publicUrl: config.publicUrl,
        host: config.http.host,
        port,
        mode,
        somebodyIsOut,
      })
      routes.use(channel.routes())
      channels.push(plainText(channel))
    }
    if (telegram && config.telegram) {
      const channel = telegram({
        ...common,
        token: config.telegram.token.reveal(),
        apiUrl: config.telegram.apiUrl,
        menus: texts.languages.map((language) => telegramMenu(texts, language)),
        groupAnswer: texts.render([text('telegram.private-chat-only')], config.group.language),
      })
      telegramName = () => channel.username()
      channels.push(channel)
    }
    return { channels, routes, telegramName }
  }
}

/** What a thumb finds behind `/` in Telegram. English is everybody's who has no menu of their own. */
function telegramMenu(texts: Renderer, language: string) {
  const commands = (['in', 'out', 'ok', 'more', 'sos', 'status', 'menu'] as const).map((command) => ({
    command,
    description: texts.render([text(`telegram.${command}`)], language),
  }))
  return { ...(language !== 'en' && { language }), commands }
}
