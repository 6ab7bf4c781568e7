// The browser of the end-to-end tests.
import { existsSync } from 'node:fs'

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
]

/** The path of a Chromium on this machine, or undefined. */
export const findChromium = () =>
  [process.env['TEST_CHROMIUM'], ...places].find((file) => file !== undefined && file !== '' && existsSync(file))

/** What it starts with: as root it has no sandbox, and it must not call home from a machine without a network. */
export const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
