// A kernel that is killed after an update was stored and before Telegram could hear of it. Its disk is its standard output.
import { writeSync } from 'node:fs'
import { telegramChannel } from '../../../src/channels/telegram/channel.ts'
import { silent } from '../../support/memory-ports.ts'
import { DeskClock } from './desk.ts'

const nothing = { pending: () => Promise.resolve([]), done: () => Promise.resolve(), failed: () => Promise.resolve(1) }
const channel = telegramChannel({
  token: process.env['TOKEN'] ?? '',
  apiUrl: process.env['URL'] ?? '',
  inbox: {
    ...nothing,
    put: (item) => {
      writeSync(1, JSON.stringify(item))
      process.kill(process.pid, 'SIGKILL')
      return Promise.resolve('stored')
    },
  },
  clock: new DeskClock(),
  ...silent,
  groupAnswer: '',
})
await channel.start?.()
