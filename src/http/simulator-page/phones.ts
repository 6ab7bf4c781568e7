import { html } from 'hono/html'
import type { PageOptions } from './words.ts'

/** What a member needs in one press. These words work in every language, so they are not translated. */
const QUICK = ['SOS', 'IN 1m', 'OUT', 'OK']

/** One phone, and one bubble each way. The script fills in the numbers, names and texts. */
export const phoneTemplates = ({ t }: PageOptions) =>
  html`<template id="phone">
      <article class="phone">
        <h3><span class="name">${t('page.phone.someone')}</span> <span class="number" dir="ltr"></span></h3>
        <div class="messages" role="log" aria-live="off" aria-label="${t('page.phone.messages')}" tabindex="0">
          <p class="empty">${t('page.phone.empty')}</p>
        </div>
        <button type="button" class="latest" hidden>${t('page.latest')}</button>
        <div class="quick" role="group" aria-label="${t('page.phone.quick')}">
          ${QUICK.map((word) => html`<button type="button" data-text="${word}">${word}</button>`)}
        </div>
        <form class="write">
          <label class="unseen">${t('page.phone.text')}</label>
          <textarea rows="1" maxlength="10000" placeholder="${t('page.phone.text')}"></textarea>
          <button type="submit">${t('page.send')}</button>
        </form>
      </article>
    </template>
    <template id="received">
      <div class="bubble received">
        <p class="text" dir="auto"></p>
        <div class="choices"></div>
        <p class="when"><time></time></p>
      </div>
    </template>
    <template id="written">
      <div class="bubble written">
        <p class="text" dir="auto"></p>
        <p class="when">
          <span class="unseen">${t('page.you')}</span> <time></time>
          <span
            class="state"
            data-sending="${t('page.sending')}"
            data-sent="${t('page.sent')}"
            data-failed="${t('page.not-sent')}"
          ></span>
        </p>
        <p class="why" hidden>${t('page.refused')} <span></span></p>
        <button type="button" class="again" data-aloud="${t('page.not-sent.aloud')}" hidden>${t('page.again')}</button>
      </div>
    </template>`
