import type { AgendaBackend } from 'agenda'
import express from 'express'
import type { Router } from 'express'
import type { MemberChannel } from '../core/address.ts'
import { commandWords } from '../i18n/command-words.ts'
import { pageWords } from '../i18n/page-words.ts'
import { phoneReader } from '../i18n/phone.ts'
import { createTexts } from '../i18n/texts.ts'
import { temporalZone } from '../i18n/zone.ts'
import type { Config } from '../config/config.ts'
import { dutyOf, standing } from '../config/people-on-duty.ts'
import { makePolicy } from '../config/protocol.ts'
import { kernelWaits } from '../config/machine-waits.ts'
import { randomFew } from '../crypto/random-stock.ts'
import type { DataKey } from '../crypto/data-key.ts'
import { makeSeal } from '../crypto/seal.ts'
import type { TermMemory } from '../app/term-memory.ts'
import { createEngine } from '../app/engine.ts'
import type { Engine, Given, Outside } from '../app/engine.ts'
import type { Fence } from '../app/fence.ts'
import type { Others } from '../app/standby-watch.ts'
import type { SystemClock } from '../clock/system-clock.ts'
import { agendaClock } from '../jobs/agenda-clock.ts'
import { simulatorRoutes } from '../channels/simulator/receive.ts'
import { simulatorPhones, simulatorRoom } from '../channels/simulator/send.ts'
import { httpHeartbeat } from '../http/heartbeat.ts'
import { jobsPage } from '../http/jobs-page.ts'
import { loopbackOnly } from '../http/loopback.ts'
import { simulatorPage } from '../http/simulator-page/index.ts'
import type { Channel, Room } from '../ports/channel.ts'
import type { Inbox } from '../ports/inbox.ts'
import type { Log, Metrics } from '../ports/log.ts'
import type { Store } from '../ports/store.ts'
import { mediaOf } from './media.ts'
import { loadPhones } from './phones.ts'
import { version } from './version.ts'

/** The member that a fresh simulator has. */
export const MO = { number: '+447700900001', name: 'Mo Member' }

/** 96 random bits. */
export const newId = (): string => randomFew(12).toString('base64url')

/** For tests that crash at chosen points: everything that leaves the process goes through these. */
export interface Decorate {
  store?: (store: Store) => Store
  channel?: (channel: Channel) => Channel
  room?: (room: Room) => Room
}

export interface Materials {
  config: Config
  key: DataKey
  clock: SystemClock
  store: Store
  /** Absent: this kernel is alone. */
  fence?: Fence
  /** What is known of the other kernels; absent with `fence`. */
  others?: Others
  /** What an earlier term of this process leaves to it. */
  memory?: TermMemory
  /** Where Agenda keeps its jobs; absent: in this process. */
  jobs: (() => Promise<AgendaBackend>) | undefined
  log: Log
  metrics: Metrics
  decorate: Decorate
  /** Throws if it is better not to start with this many people out. */
  approve?: ((out: number) => void) | undefined
  /** Where providers call us. */
  port: number
}

/** A kernel that is put together and does nothing yet. */
export interface Assembled {
  engine: Engine
  webhookRoutes: Router
  /** The pages of this machine. */
  pages: Router
}

/** Puts together what the configuration asks for. */
export async function assemble(materials: Materials): Promise<Assembled> {
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
  const pages = express.Router()
  const makePhones = await loadPhones(config)
  const makeRoom = config.matrix && (await import('./matrix-room.ts')).composeMatrixRoom
  let telegramName = (): string | undefined => undefined

  const { fence } = materials
  const mayAct = fence && { mayAct: () => fence.left() > 0 }

  const outside = (given: Given): Outside => {
    const { inbox, somebodyIsOut } = given
    const phones = makePhones({ texts, clock, log, metrics, port: materials.port, inbox, somebodyIsOut, ...mayAct })
    webhookRoutes.use(phones.routes)
    telegramName = phones.telegramName
    const made = [...phones.channels]
    const simulated = simulatorRoom({ sent: store.sent, clock, isShared: fence !== undefined })
    if (config.simulator.on) {
      made.push(simulatorPhones({ sent: store.sent, clock }))
      pages.use(simulatedWorld(materials, inbox, simulated))
    }
    const room =
      makeRoom?.(
        { ...materials, seal: makeSeal(materials.key), texts },
        given,
        mediaOf(() => channels),
      ) ?? simulated
    const channels = new Map<MemberChannel, Channel>(
      made.map((channel) => [channel.name, decorate.channel?.(channel) ?? channel]),
    )
    return { channels, room: decorate.room?.(room) ?? room }
  }

  const alarmClock = agendaClock({ clock, log, ...(materials.jobs && { backend: materials.jobs }) })
  pages.use(jobsPage({ agenda: alarmClock.agenda, guard: loopbackOnly }))
  const engine = createEngine({
    store,
    ...(materials.fence && { fence: materials.fence }),
    ...(materials.others && { others: materials.others }),
    ...(materials.memory && { memory: materials.memory }),
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
    alarmClock,
    ...(config.heartbeatUrl && { heartbeat: httpHeartbeat(config.heartbeatUrl.reveal()) }),
    log,
    metrics,
    version,
    ...(materials.approve && { approve: materials.approve }),
  })
  return { engine, webhookRoutes, pages }
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
