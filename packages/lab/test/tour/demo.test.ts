import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { runBin } from '../../../core/test/support/process.ts'

let output = ''
let exitCode: unknown

beforeAll(async () => {
  const lab = fileURLToPath(new URL('../../dist/bin/chat-lab.js', import.meta.url))
  const child = spawn(process.execPath, [lab, 'demo'], { stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  ;[exitCode] = await once(child, 'close')
})

/** What the tour says about one rung. */
function section(title: string): string {
  const start = output.indexOf(title)
  return output.slice(start, output.indexOf('\nchecked:', start) + 200)
}

test('the tour ends well without any input', () => {
  expect(exitCode).toBe(0)
  expect(output).not.toContain('FAILED')
  expect(output).toContain('npx --no-install chat-client')
})

test('on the calculator and the basic rung the eavesdropper reads everything', () => {
  expect(section('1. calculator')).toMatch(/EVALUATE[\s\S]*the eavesdropper read all of them/)
  expect(section('2. basic-p2p')).toMatch(/TEXT[\s\S]*the eavesdropper read all of them/)
})

test('on the two rungs above it sees records and no text', () => {
  for (const title of ['3. dh-chat', '4. aes-chat']) {
    expect(section(title)).toMatch(/RECORD \d+ B[\s\S]*the eavesdropper read none of them/)
    expect(section(title)).not.toMatch(/TEXT \d+ B/)
  }
})

test('both people see the same safety number', () => {
  const rows = section('4. aes-chat').match(/^ {2}(\d{5} \d{5} \d{5} \d{5}) +│ +(\d{5} \d{5} \d{5} \d{5})/gm) ?? []
  expect(rows).toHaveLength(3)
  for (const row of rows) {
    const [left, right] = row.split('│').map(cell => cell.trim())
    expect(left).toBe(right)
  }
})

test('without a command the help comes, and what is missing is said', async () => {
  const { code, stdout, stderr } = await runBin('chat-lab', [])
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/^Usage: chat-lab[^]*\nerror: a command is missing \(usage\)\n {2}see --help\n$/)
})
