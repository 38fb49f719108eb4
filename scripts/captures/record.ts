import { createHash } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { attempt } from '@p2p-secure-chat/core/files/file-error'
import { makeFolder } from '@p2p-secure-chat/core/files/make-folder'
import { makeTemporaryFolder } from '@p2p-secure-chat/stage/leftovers'
import { copyWithKeys, flawOf } from './capture-file.ts'
import { playStory, type Story } from './story.ts'
import { startSniffer } from './sniffer.ts'
import { openThreeHosts } from './three-hosts.ts'

/** What the checksums of all the others are in, as `sha256sum --check` reads them. */
const CHECKSUMS = 'SHA256SUMS'

/** How often a story is played before we give up: chance rarely spoils one recording, and not five. */
const MOST_TAKES = 5

/** Everyone may read it. */
const PUBLIC_MODE = 0o644

export interface RecordOptions {
  /** A folder, made if need be. What is there under the same names is replaced once all is recorded, file by file. */
  readonly out: string
  /** Told of each capture that is done. */
  readonly onRecorded: (name: string) => void
  /** Ends it early. Then nothing is replaced. */
  readonly signal: AbortSignal
}

/**
 * Plays all stories and records each.
 *
 * @throws {ChatError} `unwritable`, `unreadable`, `disk-full`, or the signal's reason
 * @throws {Error} when the system or a program of ours does not do what it should
 */
export async function recordAll(stories: readonly Story[], { out, onRecorded, signal }: RecordOptions): Promise<void> {
  await makeFolder(out)
  // In the same file system, so that files can be moved from one to the other at once.
  const draft = await attempt('unwritable', out, () => mkdtemp(join(out, '.recording-')))
  try {
    for (const story of stories) {
      await recordStory(story, draft, signal)
      onRecorded(story.name)
    }
    await attempt('unwritable', draft, () => writeChecksums(draft))
    signal.throwIfAborted()
    await attempt('unwritable', out, async () => {
      for (const file of await readdir(draft)) await rename(join(draft, file), join(out, file))
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** Records it, once more where chance has spoilt the recording. */
async function recordStory(story: Story, out: string, signal: AbortSignal): Promise<void> {
  const [capture, keylog] = [join(out, `${story.name}.pcap`), join(out, `${story.name}.keys`)]
  const resets = story.steps.filter(({ does }) => does === 'reset').length
  for (let takes = 1; ; takes++) {
    await recordTake(story, { capture, keylog, signal })
    const bytes = await attempt('unreadable', capture, () => readFile(capture))
    const flaw = flawOf(bytes, resets)
    if (flaw === null) break
    if (takes === MOST_TAKES) throw new Error(`${story.name}: ${flaw}, and something like it each time before`)
    await rm(keylog, { force: true })
  }
  if (!story.keylog) return
  const copy = join(out, `${story.name}-with-keys.pcapng`)
  await attempt('unwritable', copy, async () => {
    // A client writes it for its owner's eyes alone; this one is for all.
    await chmod(keylog, PUBLIC_MODE)
    await writeFile(copy, copyWithKeys(await readFile(capture), await readFile(keylog, 'utf8')))
  })
}

interface Take {
  readonly capture: string
  readonly keylog: string
  readonly signal: AbortSignal
}

async function recordTake(story: Story, { capture, keylog, signal }: Take): Promise<void> {
  const folder = makeTemporaryFolder('chat-lab-')
  try {
    const hosts = await openThreeHosts()
    try {
      const sniffer = await startSniffer(hosts, capture)
      try {
        await playStory(story, { hosts, folder, keylog, signal })
        await sniffer.stop()
      } finally {
        await sniffer.abandon()
      }
    } finally {
      await hosts.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function writeChecksums(folder: string): Promise<void> {
  const files = (await readdir(folder)).toSorted()
  const lines = files.map(async file => {
    const hash = createHash('sha256').update(await readFile(join(folder, file)))
    return `${hash.digest('hex')}  ${file}\n`
  })
  await writeFile(join(folder, CHECKSUMS), (await Promise.all(lines)).join(''))
}
