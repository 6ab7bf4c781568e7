// Pictures of the page for docs/, taken while a story is told: SCREENSHOTS=docs npm run test:e2e -- test/e2e/first-minutes.test.ts
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { smallPng } from './small-png.ts'

const folder = path.resolve(import.meta.dirname, '../../docs/screenshots')
const isWanted = process.env['SCREENSHOTS'] === 'docs'

/** One moment, on every page that is given, light and dark: `docs/screenshots/<moment>-<screen>-<scheme>.png`. */
export async function picture(moment: string, screens: Readonly<Record<string, Page>>): Promise<void> {
  if (!isWanted) return
  mkdirSync(folder, { recursive: true })
  for (const [screen, page] of Object.entries(screens)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const png = smallPng(await page.screenshot({ caret: 'hide' }))
      writeFileSync(path.join(folder, `${moment}-${screen}-${colorScheme}.png`), png)
    }
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  }
}
