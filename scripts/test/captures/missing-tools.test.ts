import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startSniffer } from '../../captures/sniffer.ts'
import { openThreeHosts } from '../../captures/three-hosts.ts'

let empty: string
beforeEach(() => {
  empty = mkdtempSync(join(tmpdir(), 'empty-'))
  vi.stubEnv('PATH', empty)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(empty, { recursive: true })
})

const missing = { code: 'missing-tool', message: expect.stringContaining('ENOENT') }

test('without the tool that makes a network there is one clear error', async () => {
  await expect(openThreeHosts()).rejects.toMatchObject(missing)
})

test('without the tool that enters one there is no sniffer, and one clear error', async () => {
  const hosts = { on: () => ['nsenter'], run: () => undefined, stop: () => Promise.resolve() }
  await expect(startSniffer(hosts, join(empty, 'x.pcap'))).rejects.toMatchObject(missing)
})
