import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { overdueAlarm, startFakeKernel } from '../support/fake-kernel.ts'
import type { FakeKernel } from '../support/fake-kernel.ts'
import { useBrowser } from './browser.ts'

const MO = '+447700900001'
const clock = (): string => '11:12'
const LONG = 'https://example.org/' + 'x'.repeat(300)
const NARROW = { width: 360, height: 640 }
const TAKE = [{ label: 'I have it', says: 'take 7' }]

// What runs in the page is given as text: our types know no browser.
const FOCUSED_NAME = `(() => {
  const { labels, ariaLabel, textContent } = document.activeElement
  return (labels?.[0]?.textContent ?? ariaLabel ?? textContent).trim()
})()`
/** Whatever stands out of the screen sideways, or can be scrolled sideways. */
const TOO_WIDE = `(() => {
  const out = [...document.querySelectorAll('body *')].filter((element) => {
    const { right, left, width } = element.getBoundingClientRect()
    return width > 1 && (right > innerWidth + 0.5 || left < -0.5)
  })
  const scrolls = [...document.querySelectorAll('*')].filter(
    (element) => element.scrollWidth > element.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(element).overflowX),
  )
  const page = document.documentElement.scrollWidth > innerWidth ? ['the page'] : []
  return [...page, ...[...out, ...scrolls].map((element) => element.tagName + '.' + element.className + ' ' + element.id)]
})()`
const OUTLINE = 'getComputedStyle(document.activeElement).outlineWidth'
const MOVING = "document.getAnimations().length + getComputedStyle(document.querySelector('.card')).animationName"

const clockReaches = (time: number): string => `new Promise((resolve) => {
  const clock = document.querySelector('#clock')
  new MutationObserver(() => Date.parse(clock.dateTime) >= ${time} && resolve()).observe(clock, { attributes: true })
})`

/** Presses Tab until what has the focus is called `name`; says what it met instead. */
async function tabTo(page: Page, name: string, within = 60): Promise<void> {
  const met: string[] = []
  for (let i = 0; i < within; i++) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate<string>(FOCUSED_NAME)
    if (focused === name) return
    met.push(focused.slice(0, 30))
  }
  throw new Error(`Tab never came to "${name}"; it met ${met.join(' | ')}`)
}

describe('The simulator page in a browser', () => {
  const open = useBrowser()
  let kernel: FakeKernel
  let page: Page
  let complaints: string[]

  beforeEach(async () => {
    kernel = await startFakeKernel()
    page = await open()
    complaints = []
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
  })
  afterEach(async () => {
    await page.close()
    await kernel.close()
  })

  const visit = async (): Promise<void> => {
    await page.goto(kernel.url)
    await page.locator('.phone').first().waitFor()
    await page.locator('#clock[datetime]').waitFor()
  }
  const inRoom = (text: string) => page.locator('#room-messages .card', { hasText: text })
  const onPhone = (text: string) => page.locator('.phone .received', { hasText: text })
  const wide = () => page.evaluate<string[]>(TOO_WIDE)

  it('is reached from /, breaks no policy of its own, and says nothing in the console', async () => {
    await page.goto(kernel.url.replace('/simulator', '/'))
    await page.locator('.phone').first().waitFor()
    expect(page.url()).to.equal(kernel.url)
    await page.getByRole('button', { name: 'SOS' }).click()
    await inRoom('#7 SOS').waitFor()
    expect(complaints).to.deep.equal([])
  })

  it('is used by keyboard alone: SOS, take, end it, IN 1m', async () => {
    await visit()
    await tabTo(page, 'SOS')
    await page.keyboard.press('Enter')
    await inRoom('#7 SOS').waitFor()
    await onPhone('SOS received').waitFor()
    await tabTo(page, 'I have it')
    await page.keyboard.press('Space')
    await inRoom('#7 TAKEN by Admin').waitFor()
    await tabTo(page, 'Write in the room as Admin')
    await page.keyboard.type('resolve 7 home safe')
    await page.keyboard.press('Enter')
    await inRoom('#7 CLOSED by Admin').waitFor()
    await tabTo(page, 'IN 1m')
    await page.keyboard.press('Enter')
    await onPhone('OUT by').waitFor()
    await tabTo(page, 'Write a text')
    await page.keyboard.type('two')
    await page.keyboard.press('Shift+Enter')
    await page.keyboard.type('lines')
    await page.keyboard.press('Enter')
    await onPhone('Passed on').waitFor()
    expect(kernel.heard.map(({ heard }) => ('text' in heard ? heard.text : ''))).to.deep.equal([
      'SOS',
      'take 7',
      'resolve 7 home safe',
      'IN 1m',
      'two\nlines',
    ])
  })

  it('shows where the keyboard is', async () => {
    await visit()
    await tabTo(page, 'SOS')
    const outline = await page.evaluate<string>(OUTLINE)
    expect(parseFloat(outline)).to.be.at.least(2)
  })

  it('gives every control a role and a name in the accessibility tree, and the parts their landmarks', async () => {
    await visit()
    await kernel.say('room', overdueAlarm(clock), TAKE)
    await inRoom('#7 OVERDUE').waitFor()
    const session = await page.context().newCDPSession(page)
    const { nodes } = (await session.send('Accessibility.getFullAXTree')) as {
      nodes: {
        ignored: boolean
        role?: { value: string }
        name?: { value: string }
        properties?: { name: string; value: { value: unknown } }[]
      }[]
    }
    const seen = nodes
      .filter(({ ignored }) => !ignored)
      .map(({ role, name }) => ({ role: role?.value ?? '', name: name?.value ?? '' }))
    const names = (role: string): string[] => seen.filter((node) => node.role === role).map(({ name }) => name)
    for (const role of ['button', 'textbox', 'link', 'log', 'region', 'navigation', 'article'])
      for (const name of role === 'article' ? names(role).slice(0, 1) : names(role))
        expect(name, `a ${role}`).not.to.equal('')
    expect(names('button')).to.include.members([
      'Skip a minute',
      'Add a phone',
      'SOS',
      'IN 1m',
      'OUT',
      'OK',
      'Send',
      'I have it',
    ])
    expect(names('textbox')).to.include.members([
      'Add a phone with this number',
      'Write a text',
      'Write in the room as Admin',
    ])
    expect(names('log')).to.have.members(['Messages on this phone', 'Messages in the admin room'])
    expect(names('region')).to.include.members(['Phones', 'Admin room', 'Board'])
    expect(names('article').join()).to.include(`Mo Member ${MO}`)
    expect(names('heading')).to.include.members(['Phones', 'Admin room', 'Board'])
    expect(names('main')).to.have.length(1)
  })

  it('says alarms at once and everything else politely, even from the side that is not shown', async () => {
    await page.setViewportSize(NARROW)
    await kernel.say('room', 'an old message, from before the page was opened')
    await visit()
    await kernel.say('room', overdueAlarm(clock), TAKE)
    await kernel.say(MO, 'No OUT from you, so an alert was sent.')
    const aloud = page.locator('[aria-live=polite]')
    await aloud.getByText('No OUT from you').waitFor({ state: 'attached' })
    expect(await page.locator('[aria-live=assertive]').textContent()).to.equal('#7 OVERDUE, unconfirmed: Mo Member')
    expect(await aloud.textContent()).to.include(`Mo Member ${MO}: No OUT from you`)
    expect(await aloud.textContent()).not.to.include('an old message')
    expect(await page.locator('.views [data-view=room]').textContent()).to.match(/1\s+new/)
    expect(await page.title()).to.equal('(1) imok simulator')
  })

  for (const colorScheme of ['light', 'dark'] as const)
    it(`has no horizontal scrolling at 360 px, whatever is written (${colorScheme})`, async () => {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize(NARROW)
      await visit()
      await kernel.say(MO, LONG, [{ label: 'W'.repeat(60), says: 'x' }])
      await kernel.say('+447700900123456', 'hello')
      await kernel.say('room', `${overdueAlarm(clock)}\n${LONG}`, [
        { label: "It's over: other, and told at length", says: 'resolve 7' },
      ])
      await page.getByRole('textbox', { name: 'Write a text' }).first().fill(LONG)
      await page.keyboard.press('Enter')
      await onPhone('hello').waitFor()
      expect(await wide()).to.deep.equal([])
      await page.locator('.views [data-view=room]').click()
      await inRoom('#7 OVERDUE').waitFor()
      expect(await wide()).to.deep.equal([])
      const small = await page
        .locator('button:visible')
        .evaluateAll((all) => all.filter((one) => one.clientHeight < 34).length)
      expect(small, 'buttons too small for a thumb').to.equal(0)
    })

  it('never loses what was written: the connection goes, comes back, and it is sent', async () => {
    await visit()
    const port = Number(new URL(kernel.url).port)
    const box = page.getByRole('textbox', { name: 'Write a text' })
    await box.fill('half a thought')
    await kernel.close()
    await page.locator('#banner').waitFor()
    expect(await box.inputValue()).to.equal('half a thought')
    await box.press('Enter')
    const bubble = page.locator('.written', { hasText: 'half a thought' })
    await bubble.getByText('not sent').waitFor()
    kernel = await startFakeKernel(port)
    await page.locator('#banner').waitFor({ state: 'hidden' })
    await bubble.getByRole('button', { name: 'Try again' }).click()
    await bubble.getByText('sent', { exact: true }).waitFor()
    expect(kernel.heard).to.have.length(1)
    await onPhone('Passed on').waitFor()
  })

  it('begins again when the kernel has another history, instead of waiting for numbers that never come', async () => {
    await kernel.say('room', 'one')
    await kernel.say('room', 'two')
    await visit()
    await inRoom('two').waitFor()
    const port = Number(new URL(kernel.url).port)
    await kernel.close()
    kernel = await startFakeKernel(port)
    await kernel.say('room', overdueAlarm(clock), TAKE)
    await inRoom('#7 OVERDUE').waitFor()
    expect(await inRoom('two').count()).to.equal(0)
  })

  it('shows what people wrote as text, never as markup', async () => {
    const evil = '<img src=x onerror="document.title=1"><b>bold</b>'
    await visit()
    await kernel.say('room', evil, [{ label: '<i>press</i>', says: 'x' }])
    await page.getByRole('textbox', { name: 'Write a text' }).fill(evil)
    await page.keyboard.press('Enter')
    await inRoom(evil).waitFor()
    expect(await page.locator('img, b, i').count()).to.equal(0)
    expect(await page.title()).to.equal('imok simulator')
  })

  it('skips a minute, and the clock on the page follows', async () => {
    await visit()
    const time = async (): Promise<number> => Date.parse((await page.locator('#clock').getAttribute('datetime')) ?? '')
    const before = await time()
    await page.getByRole('button', { name: 'Skip a minute' }).click()
    await page.evaluate(clockReaches(before + 60_000))
    expect((await time()) - before).to.be.lessThan(90_000)
  })

  it('adds a phone by its number, and says what is wrong with one that is none', async () => {
    await visit()
    const box = page.getByRole('textbox', { name: 'Add a phone with this number' })
    await box.fill('07700 900002')
    await box.press('Enter')
    await page.getByText('Write the number with +').waitFor()
    expect(await box.inputValue()).to.equal('07700 900002')
    await box.fill('+44 7700 900002')
    await box.press('Enter')
    const phone = page.getByRole('article', { name: '+447700900002' })
    await phone.getByRole('button', { name: 'OK' }).click()
    await phone.getByText('Passed on').waitFor()
  })

  it('dims an alarm that was taken, and takes its buttons away when it is over', async () => {
    await visit()
    await kernel.say('room', overdueAlarm(clock), TAKE)
    const alarm = inRoom('#7 OVERDUE')
    await alarm.getByRole('button', { name: 'I have it' }).click()
    await inRoom('#7 TAKEN').waitFor()
    expect(await alarm.getAttribute('data-earlier')).to.equal('taken')
    await kernel.say('room', '#7 STOOD DOWN: Mo Member texted OUT at 11:12.')
    await inRoom('#7 STOOD DOWN').waitFor()
    expect(await alarm.getByRole('button').count()).to.equal(0)
  })

  it('moves nothing for those who asked for stillness', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await visit()
    await kernel.say('room', 'news')
    await inRoom('news').waitFor()
    expect(await page.evaluate<string>(MOVING)).to.equal('0none')
  })

  it('has no box to write in the room when the admins are in a Matrix room', async () => {
    await kernel.close()
    kernel = await startFakeKernel(0, { admin: false })
    await visit()
    await page.getByText('The admins are in their Matrix room').waitFor()
    expect(await page.getByRole('textbox', { name: 'Write in the room as Admin' }).count()).to.equal(0)
  })
})
