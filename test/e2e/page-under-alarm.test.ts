// What pictures of the first minutes showed to be missing on the page when somebody frightened holds a small phone.
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { overdueAlarm, startFakeKernel } from '../support/fake-kernel.ts'
import type { FakeKernel } from '../support/fake-kernel.ts'
import { useBrowser } from './browser.ts'

const MO = '+447700900001'
const SMALL = { width: 390, height: 664 }
const TAKE = [{ label: 'I have it', says: 'take 7' }]
const LONG_NOTES = 'Notes: walks with a stick, has a red rucksack, rings back slowly. '.repeat(12)

const isInSight = (line: Element): boolean => {
  const { top, bottom } = line.getBoundingClientRect()
  const box = line.closest('.messages')?.getBoundingClientRect()
  return box !== undefined && top >= box.top && bottom <= box.bottom
}
const fromEnd = (box: Element): number => box.scrollHeight - box.scrollTop - box.clientHeight

describe('The simulator page under an alarm', () => {
  const open = useBrowser()
  let kernel: FakeKernel
  let page: Page

  beforeEach(async () => {
    kernel = await startFakeKernel()
    page = await open({ viewport: SMALL })
    await page.goto(kernel.url)
    await page.locator('.phone').first().waitFor()
  })
  afterEach(async () => {
    await page.close()
    await kernel.close()
  })

  const inRoom = (text: string) => page.locator('#room-messages .card', { hasText: text })
  const say = (text: string) => kernel.say('room', text, TAKE)

  it('keeps in sight whom a long alarm is about, above the button that takes it', async () => {
    await page.locator('.views [data-view=room]').click()
    await say(`${overdueAlarm(() => '11:12')}\n${LONG_NOTES}`)
    const alarm = inRoom('#7 OVERDUE')
    await alarm.getByRole('button', { name: 'I have it' }).click({ trial: true })
    expect(await alarm.locator('.opening').evaluate(isInSight)).to.equal(true)
  })

  it('shows on a small screen the next of the first steps only, and folds them when all are done', async () => {
    const shown = () => page.locator('.steps li:visible').allTextContents()
    expect(await shown()).to.deep.equal(["Press SOS on Mo's phone."])
    await say('#1 SOS: Mo Member, 11:12')
    await inRoom('#1 SOS').waitFor({ state: 'attached' })
    expect(await shown()).to.deep.equal(['In the admin room, take it: “I have it”.'])
    await say('#1 TAKEN by Admin until 11:42')
    await say('#1 CLOSED by Admin: safe')
    await inRoom('#1 CLOSED').waitFor({ state: 'attached' })
    expect(await shown()).to.deep.equal(['Press IN 1m. Wait, or skip a minute or two.'])
    await say('#2 OVERDUE, unconfirmed: Mo Member')
    await inRoom('#2 OVERDUE').waitFor({ state: 'attached' })
    expect(await shown()).to.deep.equal([])
  })

  it('proposes what can be written now, with the number of the alarm that is open', async () => {
    await page.locator('.views [data-view=room]').click()
    const proposal = () => page.getByRole('textbox', { name: 'Write in the room' }).getAttribute('placeholder')
    expect(await proposal()).to.equal('for example: help')
    await say('#12 SOS: Mo Member, 11:12')
    await inRoom('#12 SOS').waitFor()
    expect(await proposal()).to.equal('for example: take 12')
    await say('#12 TAKEN by Admin until 11:42')
    await inRoom('#12 TAKEN').waitFor()
    expect(await proposal()).to.equal('for example: resolve 12 safe')
    await say('#12 CLOSED by Admin: safe')
    await inRoom('#12 CLOSED').waitFor()
    expect(await proposal()).to.equal('for example: help')
  })

  it('stays at the end of a phone that becomes smaller because another phone appears', async () => {
    await page.setViewportSize({ width: 1280, height: 800 })
    const box = page.locator('.phone .messages').first()
    const next = async (text: string): Promise<void> => {
      await kernel.say(MO, text, [{ label: 'OUT', says: 'OUT' }])
      await box.getByText(text).waitFor()
    }
    await next(
      'Noted 11:12. Text OUT by 11:14. Without OUT we alert people at 11:14. Need longer? Text MORE. In danger?',
    )
    await next('11:13: your time ends at 11:14. Finished? Text OUT. Need longer? Text MORE 30. In danger? Text SOS.')
    await next(
      'No OUT by 11:14, so an alert was sent at 11:14. Safe? Text OUT. Not safe? Text SOS. Any other words go on.',
    )
    // Drawn at once: the list scrolls to its end, and in the same moment becomes narrower.
    await Promise.all([
      kernel.say(MO, 'Received 11:16. No OUT came by 11:14, so the alarm is on. Only OUT ends it.'),
      kernel.say('+447700900200', 'imok: an alert needs you in the room. 11:16'),
    ])
    await page.locator('.phone .received', { hasText: 'needs you' }).waitFor()
    await next('11:17: a person has answered and may contact you.')
    expect(await box.evaluate(fromEnd)).to.be.lessThan(2)
    expect(await page.locator('.phone .latest').first().isVisible()).to.equal(false)
  })

  it('stops its clock while the kernel does not answer, and says that what is seen may be old', async () => {
    await kernel.close()
    await page.locator('#banner', { hasText: 'What you see may be old' }).waitFor()
    const clock = page.locator('#clock')
    const before = await clock.getAttribute('datetime')
    await page.waitForEvent('requestfailed') // the page asks again, so time has passed
    await page.waitForEvent('requestfailed')
    expect(await clock.getAttribute('datetime')).to.equal(before)
  })
})
