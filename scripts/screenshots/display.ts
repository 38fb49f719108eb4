import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { addAbortSignal } from 'node:stream'

/** A screen that nobody sees, for programs with windows. */
export interface Display {
  /** As in the variable DISPLAY. */
  readonly name: string
  close(): Promise<void>
}

/** How long the server may take until it listens, in milliseconds. */
const DEADLINE = 20_000

/** Starts an X server without a monitor, under a number that is free. @throws {Error} when it does not start in time */
export async function openDisplay(width: number, height: number): Promise<Display> {
  const args = ['-displayfd', '1', '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp']
  const server = spawn('Xvfb', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(server, 'exit')
  const close = async () => {
    server.kill()
    await ended
  }
  try {
    let number = ''
    for await (const chunk of addAbortSignal(AbortSignal.timeout(DEADLINE), server.stdout)) {
      number += String(chunk)
      if (number.includes('\n')) return { name: `:${number.trim()}`, close }
    }
  } catch (cause) {
    await close()
    throw new Error('Xvfb did not start in time', { cause })
  }
  throw new Error('Xvfb did not start')
}
