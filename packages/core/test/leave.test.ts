import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'

const leave = new URL('../dist/terminal/leave.js', import.meta.url)

/** A program that has something to settle, sent a signal once it runs. @returns what it printed, and its exit code */
async function told(settle: string) {
  const program = `
    import { leaveOnSignals } from '${leave.href}'
    leaveOnSignals(${settle})
    setInterval(() => undefined, 1_000)
    console.log('ready')`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
    if (text.includes('ready')) child.kill('SIGTERM')
  })
  const [code]: (number | null)[] = await once(child, 'close')
  return { printed, code }
}

test('a signal lets a program settle what it has to, and ends it', async () => {
  const settle = `async () => void console.log('settled')`
  expect(await told(settle)).toEqual({ printed: 'ready\nsettled\n', code: 143 })
})

test.each(['() => new Promise(() => undefined)', `() => Promise.reject(new Error('no'))`, 'undefined'])(
  'whatever comes of that (%s), the program ends',
  async settle => expect(await told(settle)).toEqual({ printed: 'ready\n', code: 143 }),
)
