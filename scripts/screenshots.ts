// Makes the pictures in docs/images from what the programs really show of a capture: a page, Wireshark and a terminal.
// They are made by hand after one of these has changed, and looked at; no test compares them.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { isInstalled } from '../packages/core/test/support/tools.ts'
import { openBrowser } from '../packages/dissector/test/support/browser.ts'
import { pagePicture } from './screenshots/page-picture.ts'
import { ROOT } from './screenshots/run.ts'
import { writeSmallPng } from './screenshots/small-png.ts'
import { terminalPicture } from './screenshots/terminal-picture.ts'
import { wiresharkPicture } from './screenshots/wireshark-picture.ts'

/** Programs, and the packages of Debian that they are in. */
const TOOLS = {
  chromium: 'chromium',
  wireshark: 'wireshark',
  Xvfb: 'xvfb',
  xdotool: 'xdotool',
  import: 'imagemagick',
  convert: 'imagemagick',
}

const CAPTURE = 'captures/Task4-with-keys.pcapng'
const READ = ['read', 'captures/Task4.pcap', '--keys', 'captures/Task4.keys']

/** What bob asks alice, in the page and in Wireshark. */
const QUESTION = 'How do I find the mill?'

const missing = Object.entries(TOOLS).filter(([tool]) => !isInstalled(tool))
if (missing.length > 0) {
  console.error(`error: not installed: ${missing.map(([tool]) => tool).join(', ')} (missing-tool)`)
  console.error(`  on Debian: apt-get install ${[...new Set(missing.map(([, name]) => name))].join(' ')}`)
  process.exit(1)
}

const images = join(ROOT, 'docs/images')
mkdirSync(images, { recursive: true })
const browser = await openBrowser()
try {
  const home = join(browser.folder, 'home')
  mkdirSync(home, { mode: 0o700 })
  for (const [name, picture] of [
    ['capture-page', () => pagePicture(browser, CAPTURE, QUESTION)],
    ['terminal', () => terminalPicture(browser, 'chat-lab', READ, 'RECEIPT up to 2')],
    ['wireshark', () => wiresharkPicture(home, CAPTURE, QUESTION)],
  ] as const) {
    await writeSmallPng(await picture(), join(images, `${name}.png`))
    console.log(`docs/images/${name}.png`)
  }
} finally {
  await browser.close()
}
