import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startActor } from '../src/actor.ts'

const folder = mkdtempSync(join(tmpdir(), 'actor-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function programOf(source: string): string {
  const path = join(folder, 'program.mjs')
  writeFileSync(path, source)
  return path
}

test('a line that only looks like JSON is told to whoever waits for another, and the play goes on', async () => {
  const actor = startActor(
    programOf(`console.log('{ no JSON'); console.log('{"event":"there"}'); process.exitCode = 7`),
    [],
  )
  await actor.next('there')
  await expect(actor.next('gone')).rejects.toThrow('{"line":"{ no JSON"}')
  expect(await actor.finish()).toBe(7)
})

test('of several cues the first that comes counts, and what came before it is passed over', async () => {
  const actor = startActor(
    programOf(`for (const event of ['noise', 'closed', 'open']) console.log(JSON.stringify({ event, of: 'bob' }))`),
    [],
  )
  expect(await actor.next('open', { event: 'closed', of: 'bob' })).toMatchObject({ event: 'closed' })
  expect(await actor.next({ event: 'closed', of: 'carol' }, 'open')).toMatchObject({ event: 'open' })
  await expect(actor.next('closed', { event: 'noise' })).rejects.toThrow('{"event":"closed"} or {"event":"noise"}')
})

test('two may wait for one actor at once, and both get their cue', async () => {
  const actor = startActor(
    programOf(`process.stdin.on('data', () => console.log('{"event":"open"}\\n{"event":"closed"}'))`),
    [],
  )
  const cues = Promise.all([actor.next('open'), actor.next('closed')])
  actor.say('go')
  expect(await cues).toEqual([{ event: 'open' }, { event: 'closed' }])
  await actor.finish()
})

test('who never stops printing is ended, and told of', async () => {
  const actor = startActor(programOf(`(function print() { process.stdout.write('x'.repeat(65_536), print) })()`), [])
  await expect(actor.next('there')).rejects.toThrow('it printed more than 16777216 bytes')
  await actor.stop()
})

test('where nothing can be started, the cue that is missed says so', async () => {
  const actor = startActor(programOf(''), [], { within: [join(folder, 'missing')] })
  await expect(actor.next('there')).rejects.toThrow('ENOENT')
  await actor.stop()
})

test('at a terminal, a program finds one of so many columns, and its output is read as ever', async () => {
  const source = `const { stdin, stdout } = process
    stdin.setRawMode(true).on('data', key => console.log(JSON.stringify({ event: 'key', key: String(key) })))
    console.log(JSON.stringify({ event: 'here', terminal: stdin.isTTY && stdout.isTTY, columns: stdout.columns }))`
  const actor = startActor(programOf(source), [], { atTerminal: true })
  expect(await actor.next('here')).toMatchObject({ terminal: true, columns: 100 })
  actor.say('a')
  expect(await actor.next('key')).toMatchObject({ key: 'a\n' })
  await actor.finish()
})
