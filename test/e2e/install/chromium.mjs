import { findChromium } from '../chromium.mjs'
import { aptInstall } from '../run.mjs'

export const name = 'a browser (Chromium)'
export const isThere = () => findChromium() !== undefined
export const get = () =>
  aptInstall(['chromium', 'fonts-liberation'], 'Install Chromium or Chrome by hand and set TEST_CHROMIUM to its path.')
