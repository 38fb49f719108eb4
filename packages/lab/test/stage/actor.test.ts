import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { startActor } from '../../src/stage/actor.ts'

const folder = mkdtempSync(join(tmpdir(), 'actor-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function programOf(source: string): string {
  const path = join(folder, 'program.mjs')
  writeFileSync(path, source)
  return pathToFileURL(path).href
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

test('where nothing can be started, the cue that is missed says so', async () => {
  const actor = startActor(programOf(''), [], { within: [join(folder, 'missing')] })
  await expect(actor.next('there')).rejects.toThrow('ENOENT')
  await actor.stop()
})
