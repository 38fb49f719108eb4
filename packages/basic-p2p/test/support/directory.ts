import {
  type DirectoryClient,
  type DirectoryClientOptions,
  connectDirectory,
} from '../../src/directory/directory-client.ts'
import { type DirectoryOptions, startDirectory } from '../../src/directory/directory-server.ts'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { onTestFinished } from 'vitest'

/** A directory on a free port of this machine, which ends with the test. */
export async function testDirectory(options: Partial<DirectoryOptions> = {}) {
  const directory = await startDirectory({
    host: '127.0.0.1',
    port: 0,
    rung: 'peer-basic/1',
    authentication: null,
    ...options,
  })
  onTestFinished(() => directory.stop())
  return directory
}

/** A client of a directory that leaves with the test, not registered yet. */
export async function connect(
  address: Address,
  options: Partial<DirectoryClientOptions> = {},
): Promise<DirectoryClient> {
  const client = await connectDirectory({
    address,
    rung: 'peer-basic/1',
    prove: null,
    onPresence: () => undefined,
    onEnd: () => undefined,
    ...options,
  })
  onTestFinished(() => client.leave())
  return client
}

/** A user who is online under that name. */
export async function online(
  address: Address,
  name: string,
  options: Partial<DirectoryClientOptions> & { port?: number } = {},
): Promise<DirectoryClient> {
  const client = await connect(address, options)
  await client.register(name, options.port ?? null)
  return client
}
