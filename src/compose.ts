import { readFileSync } from 'node:fs'
import express from 'express'
import type { Router } from 'express'
import type { MemberChannel } from './core/address.ts'
import { text } from './core/texts.ts'
import { commandWords } from './i18n/command-words.ts'
import { pageWords } from './i18n/page-words.ts'
import { phoneReader } from './i18n/phone.ts'
import { createTexts } from './i18n/texts.ts'
import { temporalZone } from './i18n/zone.ts'
import type { Config } from './config/config.ts'
import { dutyOf, standing } from './config/people-on-duty.ts'
import { makePolicy } from './config/protocol.ts'
import { kernelWaits } from './config/machine-waits.ts'
import { randomFew } from './crypto/random-stock.ts'
import { dataKeyOf } from './compose/data-key.ts'
import type { DataKey } from './crypto/data-key.ts'
import { makeSeal } from './crypto/seal.ts'
import { SCHEMA } from './app/house.ts'
import { seedMember } from './app/seed.ts'
import { createEngine } from './app/engine.ts'
import type { Engine, Given, Outside } from './app/engine.ts'
import { systemClock } from './clock/system-clock.ts'
import type { SystemClock } from './clock/system-clock.ts'
import { mediaOf } from './compose/media.ts'
import { agendaClock } from './jobs/agenda-clock.ts'
import { plainText } from './channels/sms/plain-text.ts'
import { simulatorRoutes } from './channels/simulator/receive.ts'
import { simulatorPhones, simulatorRoom } from './channels/simulator/send.ts'
import { healthRoutes } from './http/health.ts'
import { httpHeartbeat } from './http/heartbeat.ts'
import { lateRoutes } from './http/late-routes.ts'
import { loopbackOnly } from './http/loopback.ts'
import { startHttp } from './http/server.ts'
import { simulatorPage } from './http/simulator-page/index.ts'
import { makeMetrics } from './metrics/metrics.ts'
import type { Channel, Room } from './ports/channel.ts'
import type { Renderer } from './ports/texts.ts'
import type { Inbox } from './ports/inbox.ts'
import type { Log, Metrics } from './ports/log.ts'
import type { Store } from './ports/store.ts'
import { openLowdbStore } from './stores/lowdb/index.ts'
import { openPatiently } from './stores/open-patiently.ts'

/** The member that a fresh simulator has. */
const MO = { number: '+447700900001', name: 'Mo Member' }

const WEBHOOKS = ['/sms', '/telegram', '/voice']

export const version = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version

/** 96 random bits. */
const newId = (): string => randomFew(12).toString('base64url')

/** For tests that crash at chosen points: everything that leaves the process goes through these. */
export interface Decorate {
  store?: (store: Store) => Store
  channel?: (channel: Channel) => Channel
  room?: (room: Room) => Room
}

export interface Running {
  engine: Engine
  port: number
  /** Everybody is told to go home; resolves when the store is closed. */
  stop: () => Promise<void>
}

/** What a caller may add to the configuration. */
export interface Extras {
  decorate?: Decorate
  /** Throws if it is better not to start with this many people out. */
  approve?: (out: number) => void
}

/** Builds everything that the configuration asks for, listens, and goes through the restart order. Throws if it cannot watch. */
export async function compose(config: Config, log: Log, { decorate = {}, approve }: Extras = {}): Promise<Running> {
  const key = await dataKeyOf(config)
  const clock = systemClock({ speed: config.simulator.speed })
  const schemas = { member: SCHEMA, group: SCHEMA, watch: SCHEMA, room: SCHEMA }
  const opened = await openPatiently(
    () => openLowdbStore({ folder: config.dataDir, key, now: clock.now, schemas }),
    log,
  )
  const store = decorate.store?.(opened) ?? opened
  const metrics = makeMetrics()
  const webhooks = lateRoutes(WEBHOOKS)
  const main = lateRoutes(['/simulator'])
  const isReady = { now: (): { ok: boolean; reasons: string[] } => ({ ok: false, reasons: ['starting'] }) }
  const mainRoutes = express.Router()
  mainRoutes.use(
    healthRoutes({
      ready: () => isReady.now(),
      metrics: { contentType: metrics.contentType, text: metrics.metricsText },
    }),
    main.routes,
  )
  const http = await startHttp({ ...config.http, mainRoutes, webhookRoutes: webhooks.routes, log, metrics })
  try {
    const { engine, webhookRoutes, simulator } = await assemble({
      config,
      key,
      clock,
      store,
      log,
      metrics,
      decorate,
      approve,
      port: http.webhookPort ?? http.port,
    })
    isReady.now = () => engine.pulse.watching()
    if (config.simulator.on) {
      const address = { channel: 'simulator' as const, address: MO.number }
      await seedMember(store, engine.house, { id: newId(), name: MO.name, language: config.group.language, address })
    }
    await engine.kernel.load()
    webhooks.open(webhookRoutes)
    main.open(simulator)
    await engine.kernel.start()
    return {
      engine,
      port: http.port,
      stop: async () => {
        await http.close()
        await engine.kernel.stop()
      },
    }
  } catch (error) {
    await http.close()
    await store.close()
    throw error
  }
}

interface Materials {
  config: Config
  key: DataKey
  clock: SystemClock
  store: Store
  log: Log
  metrics: Metrics
  decorate: Decorate
  approve: Extras['approve']
  /** Where providers call us. */
  port: number
}

async function assemble(materials: Materials): Promise<{ engine: Engine; webhookRoutes: Router; simulator: Router }> {
  const { config, clock, store, log, metrics, decorate } = materials
  const zone = temporalZone(config.group.timezone)
  const texts = createTexts({
    zone,
    onMissing: ({ language, key }) => log.warn('a text is missing', { language, key }),
  })
  const speed = config.simulator.speed
  const policy = makePolicy(config.protocol, {
    speed,
    emergencyNumber: config.group.emergencyNumber,
    retention: config.retention,
  })
  const webhookRoutes = express.Router()
  const simulator = express.Router()
  const adapters = await loadAdapters(config)
  let telegramName = (): string | undefined => undefined

  const outside = (given: Given): Outside => {
    const { inbox, somebodyIsOut } = given
    const made: Channel[] = []
    if (adapters.twilio && config.twilio) {
      const { accountSid, authTokens, from, apiUrl, mode } = config.twilio
      const channel = adapters.twilio({
        accountSid,
        authToken: authTokens[0].reveal(),
        authTokenPrevious: authTokens[1]?.reveal(),
        from,
        apiUrl,
        publicUrl: config.publicUrl,
        host: config.http.host,
        port: materials.port,
        mode,
        inbox,
        clock,
        log,
        metrics,
        somebodyIsOut,
      })
      webhookRoutes.use(channel.routes())
      made.push(plainText(channel))
    }
    if (adapters.telegram && config.telegram) {
      const groupAnswer = texts.render([text('telegram.private-chat-only')], config.group.language)
      const channel = adapters.telegram({
        token: config.telegram.token.reveal(),
        apiUrl: config.telegram.apiUrl,
        inbox,
        clock,
        log,
        metrics,
        menus: texts.languages.map((language) => telegramMenu(texts, language)),
        groupAnswer,
      })
      telegramName = () => channel.username()
      made.push(channel)
    }
    const simulated = simulatorRoom({ sent: store.sent, clock })
    if (config.simulator.on) {
      made.push(simulatorPhones({ sent: store.sent, clock }))
      simulator.use(simulatedWorld(materials, inbox, simulated))
    }
    const room =
      adapters.matrix?.(
        { ...materials, seal: makeSeal(materials.key), texts },
        given,
        mediaOf(() => channels),
      ) ?? simulated
    const channels = new Map<MemberChannel, Channel>(
      made.map((channel) => [channel.name, decorate.channel?.(channel) ?? channel]),
    )
    return { channels, room: decorate.room?.(room) ?? room }
  }

  const engine = createEngine({
    store,
    clock,
    policy,
    groupPolicy: { duty: dutyOf(config), waits: kernelWaits(speed) },
    zone,
    texts,
    wordsOf: commandWords,
    group: { name: config.group.name, language: config.group.language, languages: texts.languages },
    number: phoneReader(config.group.region),
    telegramLink: (token) => {
      const name = telegramName()
      return name === undefined ? undefined : `https://t.me/${name}?start=${token}`
    },
    newId,
    watch: () => standing(config),
    outside,
    alarmClock: agendaClock({ clock, log }),
    ...(config.heartbeatUrl && { heartbeat: httpHeartbeat(config.heartbeatUrl.reveal()) }),
    log,
    metrics,
    version,
    ...(materials.approve && { approve: materials.approve }),
  })
  return { engine, webhookRoutes, simulator }
}

/** Adapters that are not configured are not loaded: they cost memory. */
async function loadAdapters(config: Config) {
  const twilio = config.twilio && (await import('./channels/sms/twilio/channel.ts')).twilioChannel
  const telegram = config.telegram && (await import('./channels/telegram/channel.ts')).telegramChannel
  const matrix = config.matrix && (await import('./compose/matrix-room.ts')).composeMatrixRoom
  return { twilio, telegram, matrix }
}

function simulatedWorld(
  { config, clock, store }: Materials,
  inbox: Inbox,
  room: ReturnType<typeof simulatorRoom>,
): Router {
  const { language, name, timezone } = config.group
  const admin = !config.matrix
  const canSkip = !config.twilio && !config.telegram && !config.androidSms
  const routes = express.Router()
  routes.use(
    simulatorRoutes({
      sent: store.sent,
      clock,
      inbox,
      guard: loopbackOnly,
      admin,
      board: () => room.board(),
      ...(canSkip && { skip: (ms) => clock.skip(ms) }),
    }),
  )
  routes.use(
    simulatorPage({
      ...pageWords(language),
      groupName: name,
      zone: timezone,
      phones: [MO],
      admin,
      skip: canSkip,
      guard: loopbackOnly,
    }),
  )
  return routes
}

/** What a thumb finds behind `/` in Telegram. English is everybody's who has no menu of their own. */
function telegramMenu(texts: Renderer, language: string) {
  const commands = (['in', 'out', 'ok', 'more', 'sos', 'status', 'menu'] as const).map((command) => ({
    command,
    description: texts.render([text(`telegram.${command}`)], language),
  }))
  return { ...(language !== 'en' && { language }), commands }
}
