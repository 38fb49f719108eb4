import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { startBin } from '../../../core/test/support/process.ts'

const folder = mkdtempSync(join(tmpdir(), 'page-file-'))
afterAll(() => rmSync(folder, { recursive: true }))

const shipped = (name: string) => fileURLToPath(new URL(`../../../../captures/${name}`, import.meta.url))
const read = (...args: readonly string[]) => startBin('chat-lab', ['read', ...args]).ended()

/** The data in a page. */
function dataOf(page: string) {
  const [, json = ''] =
    /<script type="application\/json" id="data">(.*)<\/script>/.exec(readFileSync(page, 'utf8')) ?? []
  return JSON.parse(json)
}

test('a page has every message that the JSON has, and the eavesdropper of it no word of the texts', async () => {
  const out = join(folder, 'four.html')
  const files = [shipped('Task4.pcap'), '--keys', shipped('Task4.keys')]
  const { code, stdout } = await read(...files, '--html', out)
  expect(code).toBe(0)
  expect(stdout).toMatch(/messages opened, 0 sealed/)
  expect(stdout).not.toContain('alice →')

  const events = (await read(...files, '--json')).stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  const messages = events.filter(({ event }) => event === 'message')
  const data = dataOf(out)
  const viewOf = (message: { keyHolder: object | null; eavesdropper: object }) =>
    message.keyHolder ?? message.eavesdropper
  expect(data.messages.map(({ name, packet }: { name: string; packet: number }) => [packet, name])).toEqual(
    messages.map(({ name, packet }) => [packet, name]),
  )
  expect(data.messages.map(viewOf).map(({ state }: { state: string }) => (state === 'open' ? 'plain' : state))).toEqual(
    messages.map(({ name, state }) => (name === 'CONFIRM' ? 'plain' : state)),
  )
  const ladder = (await read(...files)).stdout
  const offsets = [...ladder.matchAll(/^ +(\d+\.\d{6}) +\d+ +#\d+ .*(?:─→|←─)/gm)].map(([, seconds]) =>
    Math.round(Number(seconds) * 1e6),
  )
  expect(data.messages.map(({ time }: { time: number }) => Math.round(time * 1e3))).toEqual(offsets)
  const texts: string[] = messages.flatMap(({ inner }) => inner ?? []).flatMap(({ fields }) => fields.text ?? [])
  // Short ones may stand in base64 by chance.
  const long = texts.filter(text => text.length > 8)
  expect(long.length).toBeGreaterThan(3)
  const seen = JSON.stringify(data.messages.map(({ eavesdropper }: { eavesdropper: object }) => eavesdropper))
  expect(long.filter(text => seen.includes(text))).toEqual([])
})

test('keys in the comments of packets open the view of the key holder alone', async () => {
  const out = join(folder, 'three.html')
  expect((await read(shipped('Task3-with-keys.pcapng'), '--html', out)).code).toBe(0)
  const data = dataOf(out)
  expect(data.withKeys).toBe(true)
  expect(
    data.messages.map(({ eavesdropper }: { eavesdropper: { state: string } }) => eavesdropper.state),
  ).not.toContain('opened')
})

test.skipIf(process.platform === 'win32')('the file is for its owner alone, and nothing is written over', async () => {
  const out = join(folder, 'one.html')
  await read(shipped('Task1.pcap'), '--html', out)
  expect(statSync(out).mode & 0o777).toBe(0o600)
  const before = readFileSync(out)
  const { code, stderr } = await read(shipped('Task2.pcap'), '--html', out)
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^error: .*one\.html exists already.* \(unwritable\)\n.*\n$/),
  ])
  expect(readFileSync(out).equals(before)).toBe(true)
})

test('what is no capture leaves no page behind', async () => {
  const bad = join(folder, 'bad')
  writeFileSync(bad, 'no capture')
  const out = join(folder, 'bad.html')
  const { code, stderr } = await read(bad, '--html', out)
  expect([code, stderr]).toEqual([1, expect.stringContaining('(bad-capture)')])
  expect(existsSync(out)).toBe(false)
})
