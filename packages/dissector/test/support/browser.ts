import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext } from 'playwright-core'
import { toolPath } from '../../../core/test/support/tools.ts'

/** Nothing that a browser likes to do in the background. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface Browser {
  readonly context: BrowserContext
  /** A folder of its own, gone after close(). */
  readonly folder: string
  close(): Promise<void>
}

/** Starts a browser without a window, with an empty profile. */
export async function openBrowser(): Promise<Browser> {
  const { chromium } = await import('playwright-core')
  const folder = mkdtempSync(join(tmpdir(), 'page-'))
  const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: toolPath('chromium') ?? '',
    args: QUIET,
    viewport: { width: 1_400, height: 900 },
  })
  return {
    context,
    folder,
    close: async () => {
      await context.close()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
