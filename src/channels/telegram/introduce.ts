import type { Api } from 'grammy'
import type { LanguageCode } from 'grammy/types'
import type { Log } from '../../ports/log.ts'
import { troubleOf } from './errors.ts'

/** The menu of commands that Telegram shows. `language` is two letters (ISO 639-1); without it: for everybody else. */
export interface CommandMenu {
  language?: string
  /** `command`: 1-32 lower-case Latin letters, digits and underscores; `description`: 1-256 characters. */
  commands: { command: string; description: string }[]
}

/** Who the bot is, for links; and its menus. Nothing here is needed to watch, so failures are logged and tried again later. */
export interface Introduction {
  /** Resolves when it is done, or failed and was logged. Does nothing once it succeeded. */
  make(): Promise<void>
  username(): string | undefined
}

export function introduction(api: Api, menus: CommandMenu[], log: Log): Introduction {
  let name: string | undefined
  let menusSet = false
  const setMenus = async (): Promise<void> => {
    for (const { language, commands } of menus)
      await api.setMyCommands(commands, language === undefined ? {} : { language_code: language as LanguageCode })
    menusSet = true
  }
  const logged = (what: string) => (error: unknown) => log.warn(what, { trouble: troubleOf(error) })
  return {
    async make() {
      if (name === undefined) {
        const known = api.getMe().then((me) => void (name = me.username))
        await known.catch(logged('Telegram did not tell the name of the bot; invitation links wait for it'))
      }
      if (!menusSet) await setMenus().catch(logged('The menu of commands could not be set at Telegram'))
    },
    username: () => name,
  }
}
