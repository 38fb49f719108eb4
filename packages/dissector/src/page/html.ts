import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { PageData } from './page-data.ts'

/** Modules of the page, each after those that it imports; the last one starts it. */
const MODULES = ['dom.js', 'head.js', 'ladder.js', 'bytes.js', 'message.js', 'charts.js', 'leaks.js', 'page.js']

const asset = (name: string) => readFileSync(new URL(`../../page/${name}`, import.meta.url), 'utf8')

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
    if (part === undefined) throw new TypeError(`index.html names a part that is none: ${comment ?? braces}`)
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
