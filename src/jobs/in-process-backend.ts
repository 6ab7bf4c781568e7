import { EventEmitter } from 'node:events'
import type {
  AgendaBackend,
  JobNotification,
  NotificationChannel,
  NotificationChannelState,
  NotificationHandler,
} from 'agenda'
import { InProcessJobs } from './in-process-jobs.ts'

/** Tells Agenda of a job at once, so that one which is due before its next look is not late (measured: 1 ms instead of seconds). */
export class InProcessNotifications extends EventEmitter implements NotificationChannel {
  readonly #handlers = new Set<NotificationHandler>()
  #state: NotificationChannelState = 'disconnected'

  get state(): NotificationChannelState {
    return this.#state
  }

  connect(): Promise<void> {
    return this.#become('connected')
  }

  disconnect(): Promise<void> {
    this.#handlers.clear()
    return this.#become('disconnected')
  }

  subscribe(handler: NotificationHandler): () => void {
    this.#handlers.add(handler)
    return () => void this.#handlers.delete(handler)
  }

  /** Resolves before the handlers have ended; whoever saves a job does not wait for its run. */
  async publish(notification: JobNotification): Promise<void> {
    await Promise.resolve()
    for (const handler of this.#handlers) {
      // An emitter without listeners would throw the error at the process.
      const tell = (error: unknown): unknown => this.listenerCount('error') > 0 && this.emit('error', error)
      void Promise.resolve(handler(notification)).catch(tell)
    }
  }

  #become(state: NotificationChannelState): Promise<void> {
    const isNews = this.#state !== state
    this.#state = state
    if (isNews) this.emit('stateChange', state)
    return Promise.resolve()
  }
}

/** Where Agenda keeps its jobs in the embedded mode: in this process, for nobody else. */
export class InProcessBackend implements AgendaBackend {
  readonly name = 'in-process'
  readonly ownsConnection = true
  readonly repository = new InProcessJobs()

  connect(): Promise<void> {
    return this.repository.connect()
  }

  disconnect(): Promise<void> {
    return Promise.resolve()
  }
}
