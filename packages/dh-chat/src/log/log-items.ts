import { cbcDecryptor, cbcEncryptor, type CbcDecryptor } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { expandLabel, hkdfExtract } from '@p2p-secure-chat/core/cipher/hkdf'
import { MAC_BYTES, mac, sameBytes } from '@p2p-secure-chat/core/cipher/mac'
import { type RandomSource, randomBytes } from '@p2p-secure-chat/core/cipher/random-pool'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { encodeFrame, type FrameLimits, type Message } from '@p2p-secure-chat/core/wire/frame'
import { LARGEST_BUCKET } from './log-entry.ts'

/** What the log key is derived for. */
export const LOG_LABEL = 'p2p-secure-chat log/1'

/** The two kinds of items. */
export const RUN = 0x01
export const ENTRY = 0x02

const NUMBER_BYTES = 8
const SALT_BYTES = 32
const IV_BYTES = 16

/** The largest bodies, in bytes: number, salt and tag; number, IV, ciphertext and tag. */
export const logLimits: FrameLimits = new Map([
  [RUN, NUMBER_BYTES + SALT_BYTES + MAC_BYTES],
  [ENTRY, NUMBER_BYTES + IV_BYTES + LARGEST_BUCKET + MAC_BYTES],
])

/** Where an item stands in a log: how many are before it, and the tag of the last of them. */
export interface Place {
  readonly number: number
  readonly previousTag: Uint8Array
}

/** Where the first item of a log stands. */
export const LOG_START: Place = { number: 0, previousTag: new Uint8Array(MAC_BYTES) }

/** Where the item after this one stands. @param item a well-formed one, authentic or not */
export function placeAfter({ body }: Message): Place {
  return { number: numberOf(body) + 1, previousTag: tagOf(body) }
}

function numberOf(body: Uint8Array): number {
  return Number(new DataView(body.buffer, body.byteOffset).getBigUint64(0))
}

/** A copy, for the item itself may lie in a large buffer. */
function tagOf(body: Uint8Array): Uint8Array {
  return body.slice(-MAC_BYTES)
}

/** The tag of the item that has this type and body and stands behind that tag. What is in the tag's own place is ignored. */
function tagFor(macKey: Uint8Array, previousTag: Uint8Array, { type, body }: Message): Uint8Array {
  return mac(macKey, previousTag, Uint8Array.of(type), body.subarray(0, -MAC_BYTES))
}

/** Whether a body has all parts of its type, and whole blocks. */
export function isWellFormed({ type, body }: Message): boolean {
  if (type === RUN) return body.length === NUMBER_BYTES + SALT_BYTES + MAC_BYTES
  const blocks = body.length - NUMBER_BYTES - MAC_BYTES
  return blocks >= 2 * IV_BYTES && blocks % IV_BYTES === 0
}

/** Makes the items of one run of a client. */
export interface RunSealer {
  /** The item that begins the run: it carries the salt of its keys. */
  readonly head: Uint8Array
  /** @param plaintext whole blocks of 16 bytes @returns the next item */
  seal(plaintext: Uint8Array): Uint8Array
  /** Wipes the keys. Once; sealing afterwards throws. */
  wipe(): void
}

/**
 * Seals items as docs/log-format.md says: AES-256-CBC, then HMAC-SHA-256 over the tag of the item before, the number
 * and the ciphertext. A fresh salt gives each run keys of its own, so no key, and no IV under it, comes twice.
 *
 * @param logKey 32 bytes, the same for all runs of an identity; stays with the caller
 * @param start where the first item of this run stands
 */
export function runSealer(logKey: Uint8Array, start: Place, random: RandomSource = randomBytes): RunSealer {
  const salt = random(SALT_BYTES)
  const { encryptionKey, macKey } = runKeys(logKey, salt)
  const encryptor = cbcEncryptor(encryptionKey, random)
  wipe(encryptionKey)
  let { number, previousTag } = start

  function item(type: number, content: Uint8Array): Uint8Array {
    const body = new Uint8Array(NUMBER_BYTES + content.length + MAC_BYTES)
    new DataView(body.buffer).setBigUint64(0, BigInt(number))
    body.set(content, NUMBER_BYTES)
    previousTag = tagFor(macKey, previousTag, { type, body })
    body.set(previousTag, body.length - MAC_BYTES)
    number += 1
    return encodeFrame({ type, body })
  }

  return {
    head: item(RUN, salt),
    seal: plaintext => item(ENTRY, encryptor.encrypt([plaintext])),
    wipe() {
      encryptor.wipe()
      wipe(macKey)
    },
  }
}

/** Checks and opens the items of a log, one after the other. */
export interface LogOpener {
  /**
   * After an item that is refused it goes on with the next one, which may be whole.
   *
   * @param item a well-formed one
   * @returns the plaintext of an entry; null for the beginning of a run
   * @throws {ChatError} `bad-log` for whatever has not been written at this place under this key
   */
  open(item: Message): Uint8Array | null
  /** Wipes the keys. Once. */
  wipe(): void
}

/** @param logKey 32 bytes; stays with the caller, who wipes it after the last item */
export function logOpener(logKey: Uint8Array): LogOpener {
  let run: { readonly macKey: Uint8Array; readonly decryptor: CbcDecryptor } | null = null
  let { previousTag } = LOG_START
  /** The number of the last item that was whole. */
  let last = -1
  /** Whether the item before this one was refused: its number is then nobody's word. */
  let gap = false

  function leaveRun(): void {
    if (run === null) return
    wipe(run.macKey)
    run.decryptor.wipe()
    run = null
  }

  function enterRun(body: Uint8Array): void {
    leaveRun()
    const { encryptionKey, macKey } = runKeys(logKey, body.subarray(NUMBER_BYTES, NUMBER_BYTES + SALT_BYTES))
    run = { macKey, decryptor: cbcDecryptor(encryptionKey) }
    wipe(encryptionKey)
  }

  function isNext(number: number): boolean {
    return gap ? number > last : number === last + 1
  }

  function open(item: Message): Uint8Array | null {
    const { type, body } = item
    const before = previousTag
    previousTag = tagOf(body)
    if (type === RUN) enterRun(body)
    if (run === null || !sameBytes(previousTag, tagFor(run.macKey, before, item))) throw refused()
    if (!isNext(numberOf(body))) throw refused()
    return type === RUN ? null : run.decryptor.decrypt(body.subarray(NUMBER_BYTES, -MAC_BYTES))
  }

  return {
    open(item) {
      try {
        const plaintext = open(item)
        last = numberOf(item.body)
        gap = false
        return plaintext
      } catch (error) {
        gap = true
        throw error
      }
    },
    wipe: leaveRun,
  }
}

function refused(): ChatError {
  return new ChatError('bad-log', 'not what was written at this place by this identity')
}

function runKeys(logKey: Uint8Array, salt: Uint8Array) {
  const secret = hkdfExtract(salt, logKey)
  const keys = {
    encryptionKey: expandLabel(secret, `${LOG_LABEL} entry encryption`, 32),
    macKey: expandLabel(secret, `${LOG_LABEL} entry mac`, 32),
  }
  wipe(secret)
  return keys
}
