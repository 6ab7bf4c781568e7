import { expect } from 'chai'
import { readLocales } from '../../src/i18n/languages.ts'
import { createTexts } from '../../src/i18n/texts.ts'
import { declared, filled, noon } from './declared.ts'

const locales = readLocales()
const texts = createTexts({ zone: noon, locales })
const keys = [...declared.keys()].filter((key) => /^(telegram|button)\./.test(key))

for (const language of locales.lines.keys()) {
  describe(`what Telegram shows beside messages, in ${language}`, () => {
    for (const key of keys) {
      it(`${key} fits its menu or its button`, () => {
        const said = texts.render([filled(key)], language)
        // The Bot API takes 256 characters for a command's description; more than this is cut off on a small screen.
        const longest = key === 'telegram.private-chat-only' ? 256 : key.startsWith('button.') ? 20 : 40
        expect(said)
          .to.have.length.within(1, longest)
          .and.not.match(/\n|overdue|#/i)
      })
    }
  })
}
