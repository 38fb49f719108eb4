import { cbcDecryptor, cbcEncryptor, type CbcDecryptor } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { expandLabel, hkdfExtract } from '@p2p-secure-chat/core/cipher/hkdf'
import { MAC_BYTES, mac, sameBytes } from '@p2p-secure-chat/core/cipher/mac'
import { type RandomSource, randomBytes } from '@p2p-secure-chat/core/cipher/random-pool'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { encodeFrame, type FrameLimits, type Message } from '@p2p-secure-chat/core/wire/frame'
import { LARGEST_ENTRY } from './log-entry.ts'

/** The label under which an identity derives its log key. */
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
  [ENTRY, NUMBER_BYTES + IV_BYTES + LARGEST_ENTRY + MAC_BYTES],
])

/** The position of an item in a log: the number of items before it, and the tag of the last of them. */
export interface LogPosition {
  readonly number: number
  readonly previousTag: Uint8Array
}

/** The position of the first item. */
export const LOG_START: LogPosition = { number: 0, previousTag: new Uint8Array(MAC_BYTES) }

/** The position after an item. @param item well-formed, authentic or not */
export function positionAfter({ body }: Message): LogPosition {
  return { number: numberOf(body) + 1, previousTag: tagOf(body) }
}

function numberOf(body: Uint8Array): number {
  return Number(new DataView(body.buffer, body.byteOffset).getBigUint64(0))
}

/** A copy, because the item may be a view of a large buffer. */
function tagOf(body: Uint8Array): Uint8Array {
  return body.slice(-MAC_BYTES)
}

/** The tag of an item with this type and body that follows the previous tag; the body's own tag is ignored. */
function tagFor(macKey: Uint8Array, previousTag: Uint8Array, { type, body }: Message): Uint8Array {
  return mac(macKey, previousTag, Uint8Array.of(type), body.subarray(0, -MAC_BYTES))
}

/** Whether a body has all the parts of its type, and whole blocks. */
export function isWellFormed({ type, body }: Message): boolean {
  if (type === RUN) return body.length === NUMBER_BYTES + SALT_BYTES + MAC_BYTES
  const blocks = body.length - NUMBER_BYTES - MAC_BYTES
  return blocks >= 2 * IV_BYTES && blocks % IV_BYTES === 0
}

/** Seals the items of one run of a client. */
export interface RunSealer {
  /** The item that begins the run and carries the salt of its keys. */
  readonly head: Uint8Array
  /** @param plaintext whole blocks of 16 bytes @returns the next item */
  seal(plaintext: Uint8Array): Uint8Array
  /** Wipes the keys. Call it once; sealing throws afterwards. */
  wipe(): void
}

/**
 * Seals items as in docs/log-format.md: AES-256-CBC, then HMAC-SHA-256 over the previous item's tag, the number and the
 * ciphertext. A fresh salt gives each run its own keys, so no key is reused, nor an IV under it.
 *
 * @param logKey 32 bytes, the same for all runs of an identity; the caller keeps it
 * @param start the position of the run's first item
 */
export function runSealer(logKey: Uint8Array, start: LogPosition, random: RandomSource = randomBytes): RunSealer {
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

/** Checks and opens the items of a log, one after another. */
export interface LogOpener {
  /**
   * After an item that it refuses, it can go on with the next one, which may be intact.
   *
   * @param item well-formed
   * @returns the plaintext of an entry; null for the beginning of a run
   * @throws {ChatError} `bad-log` for an item that was not written at this position under this key
   */
  open(item: Message): Uint8Array | null
  /** Wipes the keys. Call it once. */
  wipe(): void
}

/** @param logKey 32 bytes; the caller wipes it after the last item */
export function logOpener(logKey: Uint8Array): LogOpener {
  let run: { readonly macKey: Uint8Array; readonly decryptor: CbcDecryptor } | null = null
  let { previousTag } = LOG_START
  /** The number of the last intact item. */
  let last = -1
  /** Whether the previous item was refused, so that its number proves nothing. */
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
  return new ChatError('bad-log', 'this identity did not write that item at this place')
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
