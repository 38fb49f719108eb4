import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { playStory } from './play-story.ts'
import { startSniffer } from './sniffer.ts'
import type { Story } from './story.ts'
import { openThreeHosts } from './three-hosts.ts'

export async function recordStory(story: Story, out: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'chat-lab-'))
  const hosts = await openThreeHosts()
  try {
    const sniffer = await startSniffer(hosts, join(out, `${story.name}.pcap`))
    try {
      await playStory(story, hosts, folder)
      await sniffer.stop()
    } finally {
      await sniffer.abandon()
    }
  } finally {
    await hosts.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
void mkdir
