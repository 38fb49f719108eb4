import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Sources } from './architecture.ts'

const PACKAGES = fileURLToPath(new URL('../../../..', import.meta.url))

/** Reads the sources of every package. */
export function readSources(): Sources {
  const sources = new Map<string, string>()
  for (const name of readdirSync(PACKAGES)) {
    for (const file of readdirSync(join(PACKAGES, name, 'src'), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue
      const path = join(name, 'src', file)
      sources.set(path.replaceAll('\\', '/'), readFileSync(join(PACKAGES, path), 'utf8'))
    }
  }
  return sources
}
