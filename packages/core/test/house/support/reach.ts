import { importsOf, resolve, type Sources, STRING, withoutComments } from './architecture.ts'

/** Ways to load code that no reading of the source can follow: a computed import, require, another process or thread. */
const UNSEEN = /\bimport\((?!\s*'')|\bimport\.meta\.resolve\b|\brequire\s*\(/
const UNSEEN_MODULES = /^node:(?:child_process|cluster|module|worker_threads)$/

/** What a program can come to load. */
export interface Reach {
  /** Files inside packages/, whether there are such or not. */
  readonly files: ReadonlySet<string>
  /** Files that may load what is not seen here. */
  readonly unseen: readonly string[]
}

/** Follows every import from a file, static and dynamic; types are not loaded. */
export function reachOf(sources: Sources, start: string): Reach {
  const files = new Set<string>()
  const unseen: string[] = []
  const queue = [start]
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (files.has(path)) continue
    files.add(path)
    const code = withoutComments(sources.get(path) ?? '')
    const loaded = importsOf(code).filter(({ values }) => values.length > 0)
    queue.push(...loaded.flatMap(({ from }) => resolve(path, from) ?? []))
    if (UNSEEN.test(code.replace(STRING, "''")) || loaded.some(({ from }) => UNSEEN_MODULES.test(from)))
      unseen.push(path)
  }
  return { files, unseen }
}
