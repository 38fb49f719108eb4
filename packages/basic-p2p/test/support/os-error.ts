import type { open } from 'node:fs/promises'
import { vi } from 'vitest'

/** What the operating system says; a test that runs as root is denied nothing, and has no quota. */
export function osError(code: string): Error {
  return Object.assign(new Error(`${code}: said by a test`), { code })
}

/** Lets the next file that is opened fail when it is closed. @param mocked `open`, where node:fs/promises is a spy */
export function failOnClose(mocked: typeof open, code: string): void {
  vi.mocked(mocked).mockImplementationOnce(async (...given) => {
    const { open: really } = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises')
    const handle = await really(...given)
    const close = handle.close
    handle.close = async () => {
      await close()
      throw osError(code)
    }
    return handle
  })
}

/**
 * Lets no file be opened until the test says so.
 *
 * @param mocked `open`, where node:fs/promises is a spy
 * @returns lets them be opened
 */
export function holdDisk(mocked: typeof open): () => void {
  let release = () => {}
  const released = new Promise<void>(resolve => {
    release = resolve
  })
  vi.mocked(mocked).mockImplementation(async (...given) => {
    const { open: really } = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises')
    await released
    return really(...given)
  })
  return () => {
    vi.mocked(mocked).mockRestore()
    release()
  }
}
