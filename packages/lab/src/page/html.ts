import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { PageData } from './page-data.ts'

/** In this order: each uses only those before it, and the last one starts the page. */
const SCRIPTS = ['dom.js', 'head.js', 'ladder.js', 'bytes.js', 'charts.js', 'page.js']

const asset = (name: string) => readFileSync(new URL(`../../page/${name}`, import.meta.url), 'utf8')

/**
 * The page as one HTML document that works from disk and loads nothing: its Content-Security-Policy allows these scripts
 * and this style sheet by their hashes, and no request at all.
 *
 * What the capture says is hostile text. It stands in the document once, as JSON in which `<` is escaped, so that nothing
 * in it can end the script element (HTML Standard, section 4.12.1.3); the scripts put it on the page as text alone.
 */
export function htmlOf(data: PageData): string {
  const style = asset('page.css')
  const scripts = SCRIPTS.map(asset)
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    `script-src ${scripts.map(hashOf).join(' ')}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const parts: Record<string, string> = {
    policy,
    style: `<style>${style}</style>`,
    data: `<script type="application/json" id="data">${jsonInHtml(data)}</script>`,
    scripts: scripts.map(script => `<script>${script}</script>`).join('\n'),
  }
  return asset('index.html').replaceAll(/<!--(\w+)-->|\{\{(\w+)\}\}/g, (_, comment?: string, braces?: string) => {
    const part = parts[comment ?? braces ?? '']
    if (part === undefined) throw new TypeError(`index.html names a part that is none: ${comment ?? braces}`)
    return part
  })
}

/** JSON that is safe inside a script element. */
export function jsonInHtml(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`
}
