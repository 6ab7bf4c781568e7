import { html } from 'hono/html'
import type { PageOptions } from './words.ts'

/** The admins' room: the board on top, its messages, and a box to write orders in. */
export const roomSection = ({ t, admin }: PageOptions) =>
  html`<section id="room" aria-labelledby="room-title" tabindex="-1">
    <div class="section-head"><h2 id="room-title">${t('page.room')}</h2></div>
    <div class="board" role="region" aria-labelledby="board-title" tabindex="0">
      <h3 class="unseen" id="board-title">${t('page.board')}</h3>
      <p id="board" dir="auto" data-empty="${t('page.board.empty')}">${t('page.board.empty')}</p>
    </div>
    <div
      class="messages"
      id="room-messages"
      role="log"
      aria-live="off"
      aria-label="${t('page.room.messages')}"
      tabindex="0"
    >
      <p class="empty">${t('page.room.empty')}</p>
    </div>
    <button type="button" class="latest" hidden>${t('page.latest')}</button>
    ${admin ? writeAsAdmin(t) : html`<p class="off">${t('page.room.off')}</p>`}
  </section>`

const writeAsAdmin = (t: PageOptions['t']) =>
  html`<form class="write">
    <label class="unseen" for="room-text">${t('page.room.text')}</label>
    <textarea
      id="room-text"
      rows="1"
      maxlength="10000"
      placeholder="${t('page.room.hint.quiet')}"
      data-quiet="${t('page.room.hint.quiet')}"
      data-alarm="${t('page.room.hint.alarm', { number: '*' })}"
      data-taken="${t('page.room.hint.taken', { number: '*' })}"
    ></textarea>
    <button type="submit">${t('page.send')}</button>
  </form>`

/** One message in the room; the script gives it the look of its opening words. */
export const roomTemplate = (_options: PageOptions) =>
  html`<template id="card">
    <article class="card">
      <p class="opening" dir="auto"></p>
      <p class="rest" dir="auto"></p>
      <div class="choices"></div>
      <p class="when"><time></time></p>
    </article>
  </template>`
