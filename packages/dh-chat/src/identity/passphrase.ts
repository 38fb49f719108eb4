import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fileError } from '@p2p-secure-chat/core/files/file-error'
import { readSmall } from './read-small.ts'

/** The longest passphrase that node:crypto takes, in bytes. */
export const PASSPHRASE_LIMIT = 1024

/** More than a line of that length and its end; what follows the first line is not looked at. */
const MAX_FILE_BYTES = 16 * 1024

/** What some editors put before a text in UTF-8. */
const BYTE_ORDER_MARK = Buffer.from('\ufeff')

/**
 * The passphrase under which a new key is encrypted: in Unicode's Normalization Form C (UAX #15), as most keyboards
 * type it. Bytes that are not UTF-8 stay as they are.
 *
 * @returns a copy, which the caller wipes
 * @throws {ChatError} `bad-passphrase` when it is empty or too long
 */
export function newPassphrase(bytes: Uint8Array): Buffer<ArrayBuffer> {
  const [form] = fitting([normalized(bytes, 'NFC')])
  return form
}

/**
 * The forms under which a passphrase may have encrypted a key: as it was given, and composed and decomposed (UAX #15), as
 * keyboards and programs of other systems write the same letters. Each costs a derivation, so none is there twice.
 *
 * @returns one to three copies, which the caller wipes
 * @throws {ChatError} `bad-passphrase` when it is empty or too long
 */
export function passphraseForms(bytes: Uint8Array): readonly Buffer<ArrayBuffer>[] {
  const forms = [Buffer.from(bytes)]
  for (const form of ['NFC', 'NFD'] as const) {
    const another = normalized(bytes, form)
    if (forms.some(known => known.equals(another))) wipe(another)
    else forms.push(another)
  }
  return fitting(forms)
}

function normalized(bytes: Uint8Array, form: 'NFC' | 'NFD'): Buffer<ArrayBuffer> {
  // ASCII has one form only, and makes no string, which nobody could wipe.
  if (bytes.every(byte => byte < 0x80)) return Buffer.from(bytes)
  const text = Buffer.from(bytes).toString()
  return Buffer.from(isUtf8(bytes) ? text.normalize(form) : bytes)
}

/** @throws {ChatError} `bad-passphrase` when none of them is of a length that node:crypto takes */
function fitting(forms: readonly Buffer<ArrayBuffer>[]): readonly [Buffer<ArrayBuffer>, ...Buffer<ArrayBuffer>[]] {
  const [form, ...more] = forms.filter(({ length }) => length <= PASSPHRASE_LIMIT)
  if (form === undefined) {
    throw new ChatError('bad-passphrase', `the passphrase has more than ${PASSPHRASE_LIMIT} bytes`, {
      hint: 'give a shorter one',
    })
  }
  if (form.length === 0) throw new ChatError('bad-passphrase', 'the passphrase is empty')
  return [form, ...more]
}

/**
 * The first line of a file, without its end (LF, CR or both) and without a byte order mark. Blanks belong to it, and so
 * do bytes that are not UTF-8.
 *
 * @returns bytes that belong to the caller, who wipes them
 * @throws {ChatError} `unreadable`; `bad-passphrase` for a text in UTF-16, which no key was encrypted under
 */
export async function readPassphraseFile(file: string): Promise<Uint8Array> {
  let content: Buffer
  try {
    content = await readSmall(createReadStream(file), MAX_FILE_BYTES)
  } catch (cause) {
    throw fileError('unreadable', file, cause)
  }
  if (isUtf16(content))
    throw new ChatError('bad-passphrase', `${file} is in UTF-16`, { hint: 'save it as UTF-8, then try again' })
  const start = content.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0
  const end = content.findIndex(byte => byte === 0x0a || byte === 0x0d)
  return content.subarray(start, end < 0 ? content.length : end)
}

/** As the shell of Windows writes files: every other byte of what a keyboard types is zero. */
function isUtf16(content: Buffer): boolean {
  const [first, second] = content
  return ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) && content.includes(0)
}
