import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fileError } from '@p2p-secure-chat/core/files/file-error'
import { readSmall } from '@p2p-secure-chat/core/files/read-small'

/** The longest passphrase that node:crypto accepts, in bytes. */
export const PASSPHRASE_LIMIT = 1024

/** Enough for a line of that length and its end; everything after the first line is ignored. */
const MAX_FILE_BYTES = 16 * 1024

/** Some editors put it at the beginning of a text in UTF-8. */
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
 * The forms under which a passphrase may have encrypted a key: as given, composed and decomposed (UAX #15), since the
 * keyboards and programs of other systems encode the same letters differently. Each costs a derivation, so each is
 * returned once.
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
  // ASCII has only one form, and needs no string, which could not be wiped.
  if (bytes.every(byte => byte < 0x80)) return Buffer.from(bytes)
  const text = Buffer.from(bytes).toString()
  return Buffer.from(isUtf8(bytes) ? text.normalize(form) : bytes)
}

/** @throws {ChatError} `bad-passphrase` when all are too long for node:crypto, or it is empty */
function fitting(forms: readonly Buffer<ArrayBuffer>[]): readonly [Buffer<ArrayBuffer>, ...Buffer<ArrayBuffer>[]] {
  const [form, ...more] = forms.filter(({ length }) => length <= PASSPHRASE_LIMIT)
  if (form === undefined) {
    throw new ChatError('bad-passphrase', `the passphrase is longer than ${PASSPHRASE_LIMIT} bytes`, {
      hint: 'choose a shorter one',
    })
  }
  if (form.length === 0) throw new ChatError('bad-passphrase', 'the passphrase is empty')
  return [form, ...more]
}

/**
 * The first line of a file, without its end (LF, CR or both) and without a byte order mark. Blanks and bytes that are
 * not UTF-8 are part of it.
 *
 * @returns bytes that the caller owns and wipes
 * @throws {ChatError} `unreadable`; `bad-passphrase` for a text in UTF-16, under which no key is encrypted
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

/** The encoding in which Windows PowerShell writes files: every other byte of a typical text is zero. */
function isUtf16(content: Buffer): boolean {
  const [first, second] = content
  return ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) && content.includes(0)
}

/**
 * Reads a new passphrase from a file.
 *
 * @returns bytes that the caller wipes; null for an empty line, which means no passphrase
 * @throws {ChatError} `bad-passphrase` when it is too long, `unreadable`
 */
export async function readNewPassphrase(file: string): Promise<Uint8Array | null> {
  const passphrase = await readPassphraseFile(file)
  try {
    return passphrase.length === 0 ? null : newPassphrase(passphrase)
  } finally {
    wipe(passphrase)
  }
}

/** A typed passphrase as bytes that the caller wipes; null for an empty one. */
export function typedPassphrase(answer: string): Uint8Array | null {
  return answer === '' ? null : Buffer.from(answer)
}
