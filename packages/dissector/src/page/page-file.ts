import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { fileError } from '@p2p-secure-chat/core/files/file-error'
import { openNewFile } from '@p2p-secure-chat/core/files/new-file'
import { readDataFile } from '@p2p-secure-chat/core/installation'
import { captureReader } from '../dissect/capture-reader.ts'
import type { Observation } from '../dissect/observation.ts'
import { type Secrets, secretsOf } from '../dissect/secrets.ts'
import { capturePage } from './capture-page.ts'
import type { PageData } from './page-data.ts'

/** Stays empty, whatever the comments of packets hold. */
const NO_KEYS: Secrets = { ...secretsOf(), add() {} }

/**
 * The page of a capture as a file. The eavesdropper's view of it comes from a reader of its own that never has a key;
 * so each part of the capture goes to the page first, and then to the reader with the keys.
 */
export interface PageFile {
  /** @throws {ChatError} `bad-capture` */
  push(chunk: Uint8Array): void
  /** What the reader with the keys sees. */
  see(seen: Observation): void
  /** The capture is over, or nobody wants the rest of it. @throws {ChatError} `bad-capture` if it is not a capture */
  end(how: 'end' | 'stop'): void
  /** Writes the page and closes the file. @throws {ChatError} `unwritable`, `disk-full` */
  write(): void
  /** Removes the file if it was not written. */
  close(): Promise<void>
}

/**
 * Makes the file at once, so that nothing is read in vain; it is for its owner alone, since it may hold what keys opened.
 *
 * @param name what the page calls the capture
 * @throws {ChatError} `unwritable`, also where there is something under that name; `disk-full`
 */
export async function openPageFile(path: string, name: string): Promise<PageFile> {
  const file = await openNewFile(path)
  let written = false
  const eavesdropper = captureReader(NO_KEYS, seen => page.add('eavesdropper', seen))
  const page = capturePage(name, () => eavesdropper.start)

  return {
    push: chunk => eavesdropper.push(chunk),
    see: seen => page.add('keyHolder', seen),
    end: how => eavesdropper[how](),
    write() {
      try {
        writeFileSync(file.fd, htmlOf(page.data(eavesdropper.packets)))
        written = true
      } catch (cause) {
        throw fileError('unwritable', path, cause)
      }
    },
    close: () => (written ? file.close() : file.discard()),
  }
}

/** Modules of the page, each after those that it imports; the last one starts it. */
const MODULES = ['dom.js', 'head.js', 'ladder.js', 'bytes.js', 'message.js', 'charts.js', 'leaks.js', 'page.js']

const asset = (name: string) => readDataFile('page', name)

/**
 * The page as one HTML document that works from disk and loads nothing: its Content-Security-Policy allows its script
 * and its style sheet by their hashes, and no request at all.
 *
 * What the capture says is hostile text. It stands in the document once, as JSON in which `<` is escaped, so that nothing
 * in it can end the script element (HTML Standard, section 4.12.1.3); the script puts it on the page as text alone.
 */
export function htmlOf(data: PageData): string {
  const style = asset('page.css')
  const script = MODULES.map(name => withoutSeams(asset(name))).join('\n')
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    `script-src ${hashOf(script)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const parts: Record<string, string> = {
    policy,
    style: `<style>${style}</style>`,
    data: `<script type="application/json" id="data">${jsonInHtml(data)}</script>`,
    script: `<script type="module">${script}</script>`,
  }
  return asset('index.html').replaceAll(/<!--(\w+)-->|\{\{(\w+)\}\}/g, (_, comment?: string, braces?: string) => {
    const part = parts[comment ?? braces ?? '']
    if (part === undefined) throw new TypeError(`index.html names an unknown part: ${comment ?? braces}`)
    return part
  })
}

/** Modules inside one document cannot import each other: joined to one, they need no import and no export. */
function withoutSeams(module: string): string {
  return module.replaceAll(/^import [^']+ from '[^']+'\n/gm, '').replaceAll(/^export /gm, '')
}

/** JSON that is safe inside a script element. */
export function jsonInHtml(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`
}
