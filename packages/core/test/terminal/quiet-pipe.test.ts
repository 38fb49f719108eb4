import { spawnSync } from 'node:child_process'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { quietPipe } from '../../src/terminal/quiet-pipe.ts'
import { patience } from '../support/patience.ts'

const DEMO = fileURLToPath(new URL('support/endless-output-demo.ts', import.meta.url))

function shell(script: string, ...args: string[]) {
  const program = `"${process.execPath}" --import tsx "${DEMO}" ${args.join(' ')}`
  const { stdout, stderr } = spawnSync('sh', ['-c', script.replace('PROGRAM', program)], {
    encoding: 'utf8',
    timeout: patience(),
  })
  return { stdout, stderr }
}

test('a reader that has enough ends the program quietly, with the exit code it has', () => {
  const script = '{ PROGRAM; echo "exit $?" >&2; } | head -n 1'
  expect(shell(script)).toEqual({ stdout: 'line\n', stderr: 'exit 0\n' })
  expect(shell(script, '3')).toEqual({ stdout: 'line\n', stderr: 'exit 3\n' })
})

test('a full disk is an error', () => {
  const { stderr } = shell('PROGRAM > /dev/full; echo "exit $?" >&2')
  expect(stderr).toMatch(/^error: cannot write the output: no space left on device \(unwritable\)\n {2}.+\nexit 1\n$/)
})

test('a program may do something else when the reader is gone', () => {
  const stream = new PassThrough()
  const onGone = vi.fn<() => void>()
  quietPipe(stream, onGone)
  stream.emit('error', Object.assign(new Error('gone'), { code: 'EPIPE' }))
  expect(onGone).toHaveBeenCalledOnce()
})
