import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { Field } from './field.ts'

/** Most characters of a text that a line shows. */
const SHOWN_CHARACTERS = 60

export const quoted = (text: string) => `"${printableLine(text, SHOWN_CHARACTERS)}"`

/** What a template of a message type (core/wire/message-type.ts) says of these fields. */
export function summarise(template: string, fields: readonly Field[]): string {
  const all = (name: string) => fields.filter(field => field.name === name)
  const valueOf = (name: string) =>
    all(name)
      .map(({ value }) => value)
      .join(', ')
  const bytesOf = (name: string) => all(name).reduce((sum, { place }) => sum + (place?.length ?? 0), 0)
  const isTold = (part: string) => Array.from(part.matchAll(PLACE)).every(([, , name = '']) => valueOf(name) !== '')
  return template
    .replace(CHOICE, (_, said: string, otherwise = '') => (isTold(said) ? said : otherwise))
    .replace(PLACE, (_, size: string, name: string) =>
      size === '' ? printableLine(valueOf(name), SHOWN_CHARACTERS) : String(bytesOf(name)),
    )
}

const CHOICE = /\[([^|\]]*)\|?([^\]]*)\]/g
const PLACE = /\{(#?)([\w.]+)\}/g
