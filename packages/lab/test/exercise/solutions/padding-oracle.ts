import { execFile } from 'node:child_process'
import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startBin } from '../../../../core/test/support/process.ts'
import type { Solve } from './solve.ts'

/** Writes the attack, and lets it run against the service of this folder. */
export const paddingOracle: Solve = async folder => {
  await copyFile(fileURLToPath(new URL('attack.mjs', import.meta.url)), join(folder, 'attack.mjs'))
  const service = startBin('chat-lab', ['exercise', 'serve', 'padding-oracle', '--folder', folder])
  const { port } = await service.listening()
  const record = (await readFile(join(folder, 'record.txt'), 'utf8')).trim()
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'attack.mjs'), String(port), record])
  service.kill('SIGTERM')
  const { code } = await service.ended()
  if (code !== 0) throw new Error(`the service ended with ${code}`)
  return { text: stdout.trim() }
}
