/** Somebody outside who raises an alarm when our pings stop. */
export interface Heartbeat {
  ping: () => Promise<void>
}
