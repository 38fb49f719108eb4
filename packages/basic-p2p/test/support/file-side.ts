import { createHash, randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { jsonMessage } from '../../../core/test/support/json-message.ts'
import { expect, onTestFinished } from 'vitest'
import { type FilePolicy, type FileTransfers, fileTransfers, type OpenFile } from '../../src/files/file-transfers.ts'
import type { FileUpdate, TellFile } from '../../src/files/file-update.ts'
import { type Happenings, happenings } from './events.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { CHUNK_BYTES, FILE_ACCEPT, FILE_CANCEL, FILE_CHUNK, FILE_OFFER, FILE_RESULT } from '../../src/messages/files.ts'

/** A whole chunk and the rest. */
export const content = randomBytes(CHUNK_BYTES + 600)
export const sha256 = createHash('sha256').update(content).digest('hex')

export const offer = (fields: object = {}) =>
  jsonMessage(FILE_OFFER.type, { id: 1, name: 'photo.jpg', size: content.length, sha256, ...fields })
export const accept = (id: number, offset: number) => jsonMessage(FILE_ACCEPT.type, { id, offset })
export const result = (id: number, code: string | null) => jsonMessage(FILE_RESULT.type, { id, code })
export const cancel = (id: number, code = 'cancelled') => jsonMessage(FILE_CANCEL.type, { id, code })
export const chunk = (id: number, offset: number, bytes: Uint8Array) =>
  FILE_CHUNK.messageIn(Buffer.concat([Buffer.alloc(FILE_CHUNK.headBytes), bytes]), { id, offset })

/** One side of a conversation; the test is the peer. */
export interface Side {
  readonly files: FileTransfers
  /** Takes a message of the peer, who does not wait until it may send the next. */
  take(message: Message): void
  readonly folder: string
  /** What the peer gets. */
  readonly sent: Happenings<Message>
  readonly told: Happenings<FileUpdate>
  /** Whatever is in the folder. */
  names(): string[]
}

export interface SideOptions {
  readonly resumable?: boolean
  /** Takes what is told as well: until it settles, the output has it not. */
  readonly output?: TellFile
}

export function side(decision: FilePolicy['decision'] = 'accept', options: SideOptions = {}): Side {
  const { resumable = true, output = () => undefined } = options
  const folder = temporaryFolder()
  const told = happenings<FileUpdate>()
  const sent = happenings<Message>()
  let numbers = 0
  const files = fileTransfers({
    policy: { decision, folder },
    nextNumber: () => (numbers += 1),
    partialKey: resumable ? ({ sha256 }) => sha256.slice(0, 32) : null,
    tell(update) {
      told.add(update)
      return output(update)
    },
  })
  files.connect(connection(sent))
  onTestFinished(() => files.end(null))
  return { files, take: message => void files.take(message), folder, sent, told, names: () => readdirSync(folder) }
}

/** Messages are kept as they were when they were sent, as on a wire. */
export function connection(sent: Happenings<Message>) {
  return async ({ type, body }: Message) => sent.add({ type, body: Uint8Array.from(body) })
}

export const ofType = (type: number) => (message: Message) => message.type === type
export const inState = (state: FileUpdate['state']) => (update: FileUpdate) => update.state === state

/** What one of our messages says. */
export function json({ body }: Message): { id?: number; name?: string; code?: string | null; offset?: number } {
  return JSON.parse(Buffer.from(body).toString())
}

/** The code of the next result. */
export async function codeOf({ sent }: Side): Promise<string | null | undefined> {
  return json(await sent.next(ofType(FILE_RESULT.type))).code
}

/** The offset of the next yes. */
export async function accepted({ sent }: Side): Promise<number | undefined> {
  return json(await sent.next(ofType(FILE_ACCEPT.type))).offset
}

/** What a person does with the latest file that waits for an answer. */
export const acceptLatest = ({ files }: Side) => files.accept(latest(files, ({ waiting }) => waiting).id)
export const declineLatest = ({ files }: Side) => files.decline(latest(files, ({ waiting }) => waiting).id)

/** What a person does with the latest file of all. */
export function stopLatest({ files }: Side): void {
  const { direction, id } = latest(files, () => true)
  files.cancel(direction, id)
}

function latest({ open }: FileTransfers, isIt: (file: OpenFile) => boolean): OpenFile {
  const file = open.findLast(isIt)
  if (file === undefined) throw new ChatError('no-file', 'there is no such file')
  return file
}

/** Waits until the disk has done what was asked of it before, and what that led to has happened. */
export async function afterDisk(): Promise<void> {
  for (let nth = 0; nth < 20; nth++) await stat('.')
}

/** Expects that every file has ended once, and that only files of ours did that were not offered before. */
export function expectOneEndEach(updates: readonly FileUpdate[]): void {
  const files = (...states: FileUpdate['state'][]) =>
    updates.filter(({ state }) => states.includes(state)).map(({ direction, id }) => `${direction} ${id}`)
  const [offered, ended] = [files('offered'), files('done', 'failed')]
  expect(offered).toEqual([...new Set(offered)])
  expect(ended).toEqual([...new Set(ended)])
  const neverOffered = ended.filter(file => !offered.includes(file))
  expect(neverOffered.filter(file => file.startsWith('in'))).toEqual([])
  expect(offered.filter(file => !ended.includes(file))).toEqual([])
}
