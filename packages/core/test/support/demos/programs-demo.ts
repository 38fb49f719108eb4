import { spawn } from 'node:child_process'
import { test } from 'vitest'

/** A program that starts another one and ends by nothing but SIGKILL, as does the other one. */
const STUBBORN = `
const stubborn = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1_000)"
require('node:child_process').spawn(process.execPath, ['-e', stubborn], { stdio: 'ignore', detached: true })
eval(stubborn)`

test('starts programs and never ends', async () => {
  spawn(process.execPath, ['-e', STUBBORN], { stdio: 'ignore', detached: true })
  process.stdout.write(`worker ${process.pid}\n`)
  await new Promise(() => undefined)
})
