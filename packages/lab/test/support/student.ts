import { mkdtempSync, rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { startBin } from '../../../core/test/support/process.ts'

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'exercise-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Runs `chat-lab exercise ...` as somebody who stands in that folder. */
export function exercise(cwd: string, ...args: readonly string[]) {
  return startBin('chat-lab', ['exercise', ...args], { cwd, input: '' }).ended()
}

/** Fills in the answer file: what stands behind each key is replaced. */
export async function fillIn(folder: string, answers: Readonly<Record<string, string>>): Promise<void> {
  const path = join(folder, 'ANSWER.txt')
  const text = await readFile(path, 'utf8')
  await writeFile(
    path,
    text.replace(/^(\w+):.*$/gm, (line, key: string) => (key in answers ? `${key}: ${answers[key]}` : line)),
  )
}
