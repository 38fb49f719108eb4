import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from '../../packages/dissector/test/support/browser.ts'
import { messageSaying } from './message-saying.ts'
import { run } from './run.ts'

/** Wide enough for the ladder with the message beside it; the height is that of the ladder's own window. */
const VIEWPORT = { width: 1_400, height: 860 }

/**
 * The page of a capture from its top to the end of the ladder, with one message opened and a byte of it explained.
 *
 * @param text words of the message
 * @returns the path of the picture
 */
export async function pagePicture(browser: Browser, capture: string, text: string): Promise<string> {
  const file = join(browser.folder, 'capture.html')
  await run('chat-lab', ['read', capture, '--html', file])
  const page = await browser.context.newPage()
  await page.setViewportSize(VIEWPORT)
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  await page.goto(pathToFileURL(file).href)
  await page.locator('#conversation').selectOption(`${(await messageSaying(capture, text)).conversation}`)
  await page.getByRole('option', { name: text }).click()
  await page.locator('.fields').getByText('Text', { exact: true }).click()
  await page.evaluate('scrollTo(0, 0)')
  const end = await page.locator('.split').boundingBox()
  if (end === null) throw new Error('the page shows no messages')
  const path = join(browser.folder, 'page.png')
  const clip = { x: 0, y: 0, width: VIEWPORT.width, height: Math.ceil(end.y + end.height) + 24 }
  await page.screenshot({ path, fullPage: true, clip })
  await page.close()
  return path
}
