import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'

/** The heap of a script, in MiB: all that Node.js itself bounds of its memory. Buffers lie elsewhere. */
const HEAP_MEBIBYTES = 256

/**
 * Flags under which a script can read its own folder alone, and neither write files nor start programs, as far as
 * Node.js can hold it to that. It is not a sandbox: it keeps mistakes from spreading.
 */
function restrictions(folder: string): string[] {
  const known = process.allowedNodeEnvironmentFlags
  return [
    known.has('--permission') ? '--permission' : '--experimental-permission',
    `--allow-fs-read=${folder}/`,
    ...(known.has('--allow-net') ? ['--allow-net'] : []),
    `--max-old-space-size=${HEAP_MEBIBYTES}`,
  ]
}

const ignore = () => undefined

/**
 * SIGUSR1 makes Node.js open its inspector to all of this machine, and a script may send signals. Where somebody listens
 * for it that does not happen, else a script could change its own grade in the program that gives it.
 */
function keepInspectorShut(): void {
  if (!process.listeners('SIGUSR1').includes(ignore)) process.on('SIGUSR1', ignore)
}

/** Starts a script in its own folder, without input. From then on this program takes no notice of SIGUSR1. */
export function spawnConfined(script: string, args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
  keepInspectorShut()
  const path = realpathSync(script)
  const folder = dirname(path)
  return spawn(process.execPath, [...restrictions(folder), path, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Nothing of the environment is its business, and what Node.js says of the flags is no news to its author.
    env: { NODE_NO_WARNINGS: '1' },
  })
}
