import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDisplay } from './display.ts'
import { messageSaying } from './message-saying.ts'
import { ROOT, run } from './run.ts'

const WINDOW = { width: 1_400, height: 1_000 }

/** How long the window must stay the same until it counts as drawn, in milliseconds, and how often to look. */
const STILL = 1_200
const LOOKS = 50

/** What Wireshark remembers of its last run: where its window was, and that its warnings have been read. */
const REMEMBERED = `
gui.geometry_main_x: 0
gui.geometry_main_y: 0
gui.geometry_main_width: ${WINDOW.width}
gui.geometry_main_height: ${WINDOW.height}
privs.warn_if_elevated: FALSE
`

/**
 * Wireshark with our plugin and our profile, installed as a user would into the home of somebody who has nothing else.
 * It has a capture open, at a text that a record holds: the record is unfolded, and the bytes of the text are marked.
 *
 * @param home an empty folder
 * @param text words of that text
 * @returns the path of the picture
 */
export async function wiresharkPicture(home: string, capture: string, text: string): Promise<string> {
  const { PATH } = process.env
  const folders = { HOME: home, XDG_CONFIG_HOME: join(home, '.config'), XDG_RUNTIME_DIR: home }
  const user = { PATH, LANG: 'C.UTF-8', QT_QPA_PLATFORM: 'xcb', ...folders }
  await run('chat-lab', ['wireshark', 'install'], user)
  mkdirSync(join(home, '.config/wireshark'), { recursive: true })
  writeFileSync(join(home, '.config/wireshark/recent_common'), REMEMBERED)
  const { packet } = await messageSaying(capture, text)

  const display = await openDisplay(WINDOW.width, WINDOW.height)
  const env = { ...user, DISPLAY: display.name }
  const args = ['-C', 'p2p-secure-chat', '-Y', 'p2pc', '-g', `${packet}`, '-r', capture]
  const wireshark = spawn('wireshark', args, { cwd: ROOT, env, stdio: 'ignore' })
  const ended = once(wireshark, 'exit')
  try {
    await run('xdotool', ['search', '--sync', '--onlyvisible', '--name', `^${basename(capture)}`], env)
    const path = join(home, 'wireshark.png')
    await still(path, env)
    // The empty lower part of the details has the keyboard after a click. The last line is our protocol; once that is
    // unfolded, the text stands above the last line, which leads to its receipt.
    const click = ['mousemove', `${WINDOW.width * 0.2}`, `${WINDOW.height * 0.9}`, 'click', '1']
    await run('xdotool', [...click, 'key', 'End', 'key', 'shift+Right', 'key', 'End', 'key', 'Up'], env)
    await still(path, env)
    return path
  } finally {
    wireshark.kill()
    await ended
    await display.close()
  }
}

/** Takes pictures of the whole display until two in a row are the same. @throws {Error} when it never stops to change */
async function still(path: string, env: NodeJS.ProcessEnv): Promise<void> {
  let before: Buffer | null = null
  for (let look = 0; look < LOOKS; look += 1) {
    await sleep(STILL)
    const now = await run('import', ['-silent', '-window', 'root', '-strip', 'rgb:-'], env)
    if (before?.equals(now)) return void (await run('import', ['-silent', '-window', 'root', path], env))
    before = now
  }
  throw new Error('the window of Wireshark never stops to change')
}
