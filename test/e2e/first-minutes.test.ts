// A newcomer's first minutes, as the README tells them, with the real kernel and two screens: Mo's phone and the room on a desk, and a
// volunteer who sees the room on a small phone. A minute passes in a second.
import { expect } from 'chai'
import type { Locator, Page } from 'playwright-core'
import { freePort } from '../support/free-port.ts'
import { useBrowser } from './browser.ts'
import { type RunningKernel, startKernel } from './kernel.ts'
import { picture } from './screenshots.ts'
import { oneStory } from './one-story.ts'

const MO = '+447700900001'
const FIFI = '+447700900123'
const BEN = '+447700900200'
const ASHA = '+447700900201'
const ALARM = /^\s*#1 OVERDUE, unconfirmed: Mo Member/

/** The first lines of what the room was told of the same incident before this card, or after it. */
const told = (card: Element, where: string): string[] =>
  [...document.querySelectorAll(`.card[data-incident="${card.getAttribute('data-incident') ?? ''}"]`)]
    .filter((other) => other !== card)
    .filter(
      (other) => (card.compareDocumentPosition(other) === Node.DOCUMENT_POSITION_FOLLOWING) === (where === 'after'),
    )
    .map((other) => other.querySelector('.opening')?.textContent ?? '')

describe('The first minutes', () => {
  oneStory()
  const open = useBrowser()
  let kernel: RunningKernel
  let settings: Record<string, string>
  let desk: Page
  let small: Page

  const room = (text: string | RegExp, page = desk): Locator => page.locator('#room-messages .card', { hasText: text })
  const phone = (number: string, page = desk): Locator => page.locator(`.phone[data-number="${number}"]`)
  const heard = (number: string, text: string | RegExp): Locator =>
    phone(number).locator('.received', { hasText: text })
  const press = (number: string, button: string): Promise<void> =>
    phone(number)
      .getByRole('group', { name: 'Write quickly' })
      .getByRole('button', { name: button, exact: true })
      .click()
  const write = async (box: Locator, text: string): Promise<void> => {
    await box.fill(text)
    await box.press('Enter')
  }
  const order = (text: string): Promise<void> =>
    write(desk.getByRole('textbox', { name: 'Write in the room as Admin' }), text)
  const screens = (): Record<string, Page> => ({ desk, phone: small })
  const look = (side: 'phones' | 'room'): Promise<void> => small.locator(`.views [data-view=${side}]`).click()

  before(async () => {
    settings = {
      IMOK_HTTP_PORT: String(await freePort()),
      IMOK_GROUP_NAME: 'Friday watch',
      IMOK_TIMEZONE: 'Europe/London',
      IMOK_SIMULATOR_SPEED: '60',
      IMOK_DUTY: `@ben:example.org=${BEN},@asha:example.org=${ASHA}`,
    }
    kernel = await startKernel(settings)
    desk = await open({ viewport: { width: 1280, height: 800 } })
    small = await open({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true })
    for (const page of [desk, small]) await page.goto(kernel.url)
  })
  after(() => kernel.stop())

  it('begin quietly', async () => {
    for (const page of [desk, small]) {
      await phone(MO, page).waitFor()
      await page.getByText('Nobody is out').waitFor({ state: 'attached' })
    }
    expect(await desk.locator('#room-messages .card').count()).to.equal(0)
    await picture('1-first-look', screens())
  })

  it('IN 1m is noted, and Mo is reminded', async () => {
    await press(MO, 'IN 1m')
    await heard(MO, /^\s*Noted .* Text OUT by /).waitFor()
    await heard(MO, /your time ends at/).waitFor()
  })

  it('without OUT an alarm comes to the room, and Mo is told', async () => {
    await room(ALARM).first().waitFor()
    await heard(MO, /^\s*No OUT by .*, so an alert was sent/).waitFor()
    await picture('2-alarm-phones', { phone: small })
    await look('room')
    await room(ALARM, small).first().waitFor()
    expect(await small.title()).to.equal('(1) imok simulator')
    await picture('2-alarm', screens())
  })

  it('it repeats and climbs while nobody takes it', async () => {
    await heard(BEN, 'an alert needs you in the room').first().waitFor()
    await heard(ASHA, 'an alert needs you in the room').first().waitFor()
    await room(ALARM).nth(1).waitFor()
  })

  it('a volunteer takes it by one tap on a small phone, and the repeat stops', async () => {
    await room(ALARM, small).last().getByRole('button', { name: 'I have it' }).tap()
    await room(/^\s*#1 TAKEN by Admin until/).waitFor()
    await heard(MO, 'a person has answered').waitFor()
    await desk.locator('#board', { hasText: 'Admin has it until' }).waitFor()
    await room(/^\s*#1 TAKEN/, small).waitFor()
    await picture('3-taken', screens())
  })

  it('the take expires: the alarm is open again, louder, and had not repeated until then', async () => {
    const before = { alarms: await room(ALARM).count(), nudges: await heard(BEN, 'needs you').count() }
    await room(/^\s*Still with it, Admin/).waitFor()
    await room(/^\s*#1 OPEN AGAIN: Mo Member/).waitFor()
    const earlier = await room(/^\s*#1 OPEN AGAIN/)
      .first()
      .evaluate(told, 'before')
    expect(earlier.filter((line) => ALARM.test(line))).to.have.length(before.alarms)
    await heard(BEN, 'needs you').nth(before.nudges).waitFor()
    await heard(MO, 'has gone quiet').waitFor()
    await room(/^\s*#1 OPEN AGAIN/, small)
      .first()
      .waitFor()
    await picture('4-open-again', screens())
    await room(ALARM).nth(before.alarms).waitFor()
  })

  it('OUT ends it, and everyone who heard is told', async () => {
    await press(MO, 'OUT')
    await room(/^\s*#1 STOOD DOWN: OUT came from the phone of Mo Member/).waitFor()
    await heard(MO, 'The people we alerted are being told').waitFor()
    for (const person of [BEN, ASHA]) await heard(person, 'an alert is over').waitFor()
    await desk.getByText('Nobody is out').waitFor()
    await room(/^\s*#1 STOOD DOWN/, small).waitFor()
    expect(await small.title()).to.equal('imok simulator')
    await picture('5-over', screens())
  })

  it('SOS alarms at once; OUT does not end it, a person does', async () => {
    await press(MO, 'SOS')
    await room(/^\s*#2 SOS: Mo Member/).waitFor()
    await heard(MO, /^\s*SOS received\. Alert sent .* to 1 person/).waitFor()
    await room(/^\s*#2 SOS/, small).waitFor()
    await picture('6-sos', screens())
    await press(MO, 'OUT')
    await room('It does not end the SOS').waitFor()
    await room(/^\s*#2 SOS/)
      .last()
      .getByRole('button', { name: "It's over: safe" })
      .click()
    await room(/^\s*#2 CLOSED by Admin: safe/).waitFor()
    await heard(MO, 'a person has ended the alarm').waitFor()
  })

  it('a phone is added by an invitation', async () => {
    await order(`invite ${FIFI} Fifi`)
    await heard(FIFI, 'Text YES to join').waitFor()
    await write(phone(FIFI).getByRole('textbox'), 'YES')
    await heard(FIFI, 'You are registered').waitFor()
    await room(/^\s*Joined at .*: Fifi/).waitFor()
  })

  it('a kernel that is killed is missed by the page, and what it watched goes on when it is back', async () => {
    await write(phone(FIFI).getByRole('textbox'), 'IN 5')
    await heard(FIFI, /^\s*Noted .* Text OUT by /).waitFor()
    await kernel.stop('SIGKILL')
    await desk.locator('#banner').waitFor()
    await small.locator('#banner').waitFor()
    await picture('7-connection-lost', screens())
    kernel = await startKernel(settings, kernel.dataFolder)
    await desk.locator('#banner').waitFor({ state: 'hidden' })
    await room(/^\s*BLIND to everything/).waitFor()
    expect(await room(/^\s*#1 STOOD DOWN/).count(), 'what was said before is still there, once').to.equal(1)
    await room(/^\s*#3 OVERDUE, unconfirmed: Fifi/).waitFor()
    await press(FIFI, 'OUT')
    await room(/^\s*#3 STOOD DOWN/).waitFor()
    const later = await room(/^\s*#1 STOOD DOWN/).evaluate(told, 'after')
    expect(later, 'nothing more of an alarm that is over').to.deep.equal([])
  })
})
