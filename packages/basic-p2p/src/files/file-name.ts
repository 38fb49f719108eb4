import { printableName } from '@p2p-secure-chat/core/terminal/printable'

/** Longest name that a received file gets, in bytes of UTF-8: most file systems take 255, and a number must fit behind. */
const NAME_BYTES = 240

/** Longest extension that is kept when a name is cut, in bytes; what is longer is no extension. */
const EXTENSION_BYTES = 32

/** Separators, what shells and Windows take for something else, and what printableName() puts in place of controls. */
const UNSAFE = /[/\\<>:"|?*\u2400-\u2424\ufffd]/g

/** Names that Windows takes for devices, whatever extension they have. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?:\.|$)/i

const UNNAMED = 'file'

/**
 * Makes a name from a peer fit to be the name of a file in a folder of ours, on any system: no path, no device, nothing
 * hidden or invisible, no option of a command, not too long.
 *
 * @returns the same name for a name that was made by this
 */
export function safeFileName(name: string): string {
  const last = name.split(/[/\\]/).findLast(part => !/^[. ]*$/.test(part)) ?? UNNAMED
  const visible = printableName(last).normalize('NFC').replaceAll(UNSAFE, '_')
  const cut = trim(cutName(trim(visible)))
  if (cut === '') return UNNAMED
  return DEVICE.test(cut) ? `_${cut}` : cut
}

/** The name that is tried when others are taken: `name (2).ext` as the second. */
export function numberedName(name: string, nth: number): string {
  if (nth === 1) return name
  const { stem, extension } = split(name)
  return `${stem} (${nth})${extension}`
}

/** No leading dots and dashes, no blanks around it, no trailing dots, which Windows drops. */
function trim(name: string): string {
  return name.replace(/^[.\-\s]+/u, '').replace(/[.\s]+$/u, '')
}

/** @returns the name with less of what stands before its extension */
function cutName(name: string): string {
  const { stem, extension } = split(name)
  const room = NAME_BYTES - Buffer.byteLength(extension)
  if (Buffer.byteLength(stem) <= room) return name
  let kept = ''
  let bytes = 0
  for (const character of stem) {
    bytes += Buffer.byteLength(character)
    if (bytes > room) break
    kept += character
  }
  return kept + extension
}

function split(name: string): { stem: string; extension: string } {
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 ? name.slice(dot) : ''
  if (Buffer.byteLength(extension) > EXTENSION_BYTES) return { stem: name, extension: '' }
  return { stem: name.slice(0, name.length - extension.length), extension }
}
