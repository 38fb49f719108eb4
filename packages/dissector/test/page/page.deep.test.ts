import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startBin } from '../../../core/test/support/process.ts'
import { hasTool } from '../../../core/test/support/tools.ts'
import { htmlOf } from '../../src/page/page-file.ts'
import { type Browser, openBrowser } from '../support/browser.ts'
import { HOSTILE, SAMPLE_MESSAGES, samplePage, SECRET } from '../support/page-of.ts'

/** What `chat-lab read --html` makes of a capture. */
async function pageOf(capture: string, out: string): Promise<string> {
  const { code, stderr } = await startBin('chat-lab', ['read', capture, '--html', out]).ended()
  expect([code, stderr]).toEqual([0, ''])
  return out
}

/** An expression of the page: its words, for eyes and for assistive technology. */
const ALL_WORDS =
  "document.body.innerText + [...document.querySelectorAll('*')].flatMap(part => ['aria-label', 'title'].map(name => part.getAttribute(name))).join() + [...document.querySelectorAll('svg title')].map(part => part.textContent).join()"

describe.skipIf(!hasTool('chromium'))('the page of a capture, opened from disk', () => {
  let browser: Browser
  let file: string

  beforeAll(async () => {
    browser = await openBrowser()
    file = join(browser.folder, 'sample.html')
    writeFileSync(file, htmlOf(samplePage(true).data(20)))
  })
  afterAll(() => browser.close())

  /** Opens the page, and at the end of the test checks that nobody complained and nothing was asked for. */
  async function open(path = file): Promise<Page> {
    const page = await browser.context.newPage()
    const complaints: string[] = []
    const requests: string[] = []
    page.on('console', message => complaints.push(message.text()))
    page.on('pageerror', error => complaints.push(error.message))
    page.on('dialog', dialog => complaints.push(dialog.message()))
    page.on('request', request => requests.push(request.url()))
    const url = pathToFileURL(path).href
    onTestFinished(async () => {
      await page.close()
      expect(complaints).toEqual([])
      expect(requests.filter(request => request !== url && request !== 'data:,')).toEqual([])
    })
    await page.goto(url)
    return page
  }

  const explained = (page: Page) => page.locator('#explanation').innerText()
  const chosen = (page: Page) => page.locator('[role=option][aria-selected=true]')

  test('the ladder has an arrow for each message, and hostile text stays text', async () => {
    const page = await open()
    expect(await page.locator('#ladder .arrow').count()).toBe(SAMPLE_MESSAGES)
    expect(await page.locator('#lanes .lane b').allInnerTexts()).toEqual(['directory', 'alice', 'bob'])
    expect(await page.locator('img, #ladder script').count()).toBe(0)
    const visible = HOSTILE.replace('\u202e', '')
    expect(await page.title()).toContain(visible)
    await page.getByRole('option', { name: 'gpj.exe' }).click()
    await page.locator('.fields').getByText('Text', { exact: true }).click()
    expect(await explained(page)).toContain(visible)
  })

  test.each(['Task1.pcap', 'Task2.pcap', 'Task3-with-keys.pcapng', 'Task4-with-keys.pcapng', 'Legacy.pcap'])(
    'the shipped %s has an arrow for each message, between people who have names',
    async capture => {
      const path = fileURLToPath(new URL(`../../../../captures/${capture}`, import.meta.url))
      const page = await open(await pageOf(path, join(browser.folder, `${capture}.html`)))
      const arrows = await page.locator('#ladder .arrow').count()
      expect(arrows).toBeGreaterThan(20)
      expect(await page.locator('#facts').innerText()).toContain(`${arrows} messages`)
      expect(await page.locator('#lanes .lane').count()).toBe(3)
      const viewer = capture.includes('keys') ? 'Key holder' : 'Eavesdropper'
      expect(await page.getByRole('button', { name: viewer }).getAttribute('aria-pressed')).toBe('true')
    },
  )

  test('a click on a byte explains it', async () => {
    const page = await open()
    await page.getByRole('option', { name: 'hello' }).click()
    await page.locator('.byte[data-at="13"]').click()
    expect(await explained(page)).toMatch(
      /Text.*Bytes 13 to 17.*What it is.*Why it is there.*If an attacker changes it.*reads forged words/s,
    )
    for (const [at, title] of [
      [2, 'Length'],
      [4, 'Type'],
      [5, 'Id'],
      [12, 'Id'],
    ]) {
      await page.locator(`.byte[data-at="${at}"]`).hover()
      expect(await page.locator('#explanation h3').innerText()).toBe(title)
    }
  })

  test('the keyboard alone does the same', async () => {
    const page = await open()
    await page.locator('#finding').focus()
    await page.keyboard.press('Tab')
    for (const key of ['j', 'j', 'ArrowDown', 'k']) await page.keyboard.press(key)
    expect(await chosen(page).getAttribute('aria-label')).toContain('NAME')
    for (const key of ['End', 'ArrowUp']) await page.keyboard.press(key)
    expect(await chosen(page).getAttribute('aria-label')).toContain(SECRET)
    expect(await page.locator('#ladder').evaluate('ladder => getComputedStyle(ladder).outlineStyle')).not.toBe('none')
    await page.keyboard.press('Enter')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    expect(await explained(page)).toMatch(/Text.*meet me at the old mill.*bad-record/s)
    await page.keyboard.press('Escape')
    await page.keyboard.press('Home')
    expect(await chosen(page).getAttribute('aria-label')).toContain('REGISTER')
  })

  test('the eavesdropper is shown nothing that a key opened', async () => {
    const page = await open()
    const shown = () => page.evaluate<string>(ALL_WORDS)
    await page.getByRole('option', { name: SECRET }).click()
    expect(await shown()).toContain(SECRET)
    await page.getByRole('button', { name: 'Eavesdropper' }).click()
    expect(await shown()).not.toContain(SECRET)
    expect(await shown()).not.toContain('Length of the batch')
    expect(await page.locator('[role=tab]').count()).toBe(0)
    await page.getByRole('button', { name: 'Key holder' }).click()
    expect(await shown()).toContain(SECRET)
  })

  test('findings are ranked, lead to their message, and filter the ladder', async () => {
    const page = await open()
    expect(await page.locator('.finding .code').allInnerTexts()).toEqual([
      'bad-tag × 1',
      'plaintext × 2',
      'cut × 1',
      'unproven-name × 1',
    ])
    await page.locator('.finding .jump').first().click()
    expect(await chosen(page).getAttribute('aria-label')).toContain('bad-tag')
    await page.getByRole('button', { name: 'plaintext × 2' }).click()
    expect(await page.locator('#ladder .arrow').count()).toBe(2)
    await page.locator('#finding').selectOption('')
    await page.locator('#conversation').selectOption('1')
    expect(await page.locator('#ladder .arrow').count()).toBe(3)
  })

  test('light and dark are what the system says, or what the reader chooses', async () => {
    const page = await open()
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
    const [light, dark] = ['rgb(244, 246, 248)', 'rgb(15, 19, 24)']
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await background()).toBe(dark)
    await page.locator('#theme').click()
    expect(await background()).toBe(light)
    await page.locator('#theme').click()
    await page.emulateMedia({ colorScheme: 'light' })
    expect(await background()).toBe(dark)
  })

  test('nothing is cut off on a narrow screen', async () => {
    const page = await open()
    await page.setViewportSize({ width: 360, height: 700 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
  })

  test('the policy of the page lets nothing out, whatever a script would try', async () => {
    const page = await browser.context.newPage()
    onTestFinished(() => page.close())
    await page.goto(pathToFileURL(file).href)
    const sent = await page.evaluate(() =>
      fetch('http://127.0.0.1:9/').then(
        () => 'sent',
        () => 'refused',
      ),
    )
    const policy = await page.locator('meta[http-equiv]').getAttribute('content')
    expect(sent).toBe('refused')
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[^;]+'; script-src [^;]+; img-src data:; base-uri 'none'; form-action 'none'$/,
    )
    expect(policy).not.toContain('unsafe')
  })
})
