import { html } from 'hono/html'
import { phoneTemplates } from './phones.ts'
import { roomSection, roomTemplate } from './room.ts'
import type { PageOptions } from './words.ts'

const ASSETS = '/simulator/assets'

/** The whole page. What moves on it is drawn by the scripts in assets/, from the templates at its end. */
export async function renderPage(options: PageOptions): Promise<string> {
  const { t, language, direction = 'ltr', groupName, zone } = options
  const page = await html`<!doctype html>
    <html lang="${language}" dir="${direction}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content" />
        <meta name="color-scheme" content="light dark" />
        <title>${t('page.title')}</title>
        <link rel="icon" href="${ASSETS}/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="${ASSETS}/colours.css" />
        <link rel="stylesheet" href="${ASSETS}/frame.css" />
        <link rel="stylesheet" href="${ASSETS}/controls.css" />
        <link rel="stylesheet" href="${ASSETS}/messages.css" />
        <link rel="stylesheet" href="${ASSETS}/room.css" />
        <script type="module" src="${ASSETS}/simulator.js"></script>
      </head>
      <body data-zone="${zone}" data-language="${language}" data-view="phones">
        <a class="skip-link" href="#phones">${t('page.skip-link')}</a>
        ${header(options)}
        <p class="banner" id="banner" data-back="${t('page.back')}" hidden>${t('page.lost')}</p>
        <noscript><p class="banner">${t('page.script')}</p></noscript>
        ${steps(options)}
        <nav class="views" aria-label="${t('page.views')}">
          ${viewButton('phones', t('page.phones'), t('page.new'), true)}
          ${viewButton('room', t('page.room'), t('page.new'), false)}
        </nav>
        <main>${phonesSection(options)} ${roomSection(options)}</main>
        <div class="unseen" id="aloud" aria-live="polite"></div>
        <div class="unseen" id="alarm-aloud" role="alert" aria-live="assertive"></div>
        ${phoneTemplates(options)} ${roomTemplate(options)}
        <p hidden id="title" data-group="${groupName}">${t('page.title')}</p>
      </body>
    </html>`
  return String(page)
}

function header({ t, groupName, skip }: PageOptions) {
  return html`<header>
    <h1>${t('page.title')} <span class="group">${t('page.group', { group: groupName })}</span></h1>
    <p class="clock">
      <span class="label" id="clock-label">${t('page.clock')}</span> <time id="clock">--:--:--</time>
      <span class="speed" id="speed" data-words="${t('page.speed', { speed: '*' })}" hidden></span>
    </p>
    ${
      skip
        ? html`<button type="button" id="skip" data-done="${t('page.skipped')}" data-failed="${t('page.skip-failed')}">
            ${t('page.skip')}
          </button>`
        : ''
    }
  </header>`
}

/** Each is done when the room shows a message with its word (assets/steps.js). */
const steps = ({ t }: PageOptions) =>
  html`<details class="steps" open>
    <summary>${t('page.steps')}</summary>
    <ol>
      <li value="1" data-until="SOS">${t('page.step.sos')}</li>
      <li value="2" data-until="TAKEN">${t('page.step.take')}</li>
      <li value="3" data-until="CLOSED">${t('page.step.over')}</li>
      <li value="4" data-until="OVERDUE">${t('page.step.in')}</li>
    </ol>
  </details>`

const viewButton = (view: string, title: string, fresh: string, pressed: boolean) =>
  html`<button type="button" data-view="${view}" aria-pressed="${String(pressed)}">
    ${title} <span class="count" hidden><span class="number"></span> ${fresh}</span>
  </button>`

const phonesSection = ({ t, phones }: PageOptions) =>
  html`<section id="phones" aria-labelledby="phones-title" tabindex="-1">
    <div class="section-head">
      <h2 id="phones-title">${t('page.phones')}</h2>
      <form id="add-phone" novalidate>
        <label class="unseen" for="add-number">${t('page.add.label')}</label>
        <input
          id="add-number"
          type="tel"
          autocomplete="off"
          required
          placeholder="+447700900002"
          aria-describedby="add-wrong"
        />
        <button type="submit">${t('page.add.button')}</button>
        <p class="wrong" id="add-wrong" role="alert" hidden>${t('page.add.wrong')}</p>
      </form>
    </div>
    <div class="phones" id="phone-list">
      ${phones.map(({ number, name }) => html`<span hidden data-number="${number}" data-name="${name}"></span>`)}
    </div>
  </section>`
