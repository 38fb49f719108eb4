import { join } from 'node:path'
import type { Authentication } from '@p2p-secure-chat/basic-p2p/directory/authentication'
import { type Card, memoryRegistry, type Registry } from '@p2p-secure-chat/basic-p2p/directory/registry'
import type { Address } from '@p2p-secure-chat/core/net/address'
import type { TapSocket } from '@p2p-secure-chat/core/net/socket-channel'
import { startDirectoryHere } from '@p2p-secure-chat/stage/own-network'
import type { TestClient, Testbed } from '@p2p-secure-chat/stage/testbed'
import { type ChatRung, type FramedRung, isFramed, protocolOf } from '../../rungs.ts'
import { startTextbookServer } from '../../textbook/directory-server.ts'
import type { Scene } from '../attack.ts'
import { sceneTestbed } from '../both-online.ts'

/** What the directory says of a name instead of the truth. */
export interface Lie extends Address {
  /** The fingerprint of another key. The true one by default; ignored on rungs without keys. */
  readonly fingerprint?: string
}

/** A directory in the hands of mallory: it takes registrations as every directory of its rung does, and may lie. */
export interface LyingDirectory extends Address {
  /** Answers every later lookup of that name with this, as long as the name is registered. */
  lie(name: string, lie: Lie): void
  stop(): void | Promise<void>
}

/** Starts one on a free port of this machine. @param tap is shown what crosses its sockets, for a recording */
export async function startLyingDirectory(rung: ChatRung, tap?: TapSocket): Promise<LyingDirectory> {
  const lies = new Map<string, Lie>()
  const here = { host: '127.0.0.1', port: 0 }
  const server = isFramed(rung)
    ? await startDirectoryHere({
        ...here,
        rung: protocolOf(rung),
        authentication: await authenticationOf(rung),
        registry: lyingRegistry(memoryRegistry(), lies),
        tap,
      })
    : await startTextbookServer(here, { lies, tap })
  return {
    host: server.host,
    port: server.port,
    lie: (name, lie) => void lies.set(name, lie),
    stop: () => server.stop(),
  }
}

/** A registry that knows the truth, and gives false cards. */
function lyingRegistry(truth: Registry, lies: ReadonlyMap<string, Lie>): Registry {
  return {
    ...truth,
    async lookup(name): Promise<Card | null> {
      const card = await truth.lookup(name)
      return card && { ...card, ...lies.get(name) }
    },
  }
}

/** A lying directory checks registrations all the same: without a nonce to sign no client would register. */
async function authenticationOf(rung: FramedRung): Promise<Authentication | null> {
  if (rung === 'basic') return null
  const { verifyRegistration } = await import('@p2p-secure-chat/dh-chat/directory-proof')
  return verifyRegistration(protocolOf(rung))
}

/** A directory that lies, and the town that believes it. */
export interface LyingTestbed {
  readonly testbed: Testbed
  readonly directory: LyingDirectory
}

/** A town whose directory is in the hands of mallory; it ends with the scene. */
export async function lyingTestbed(scene: Scene, rung: ChatRung): Promise<LyingTestbed> {
  const directory = await startLyingDirectory(rung, scene.tap)
  scene.afterwards(() => directory.stop())
  return { testbed: await sceneTestbed(scene, rung, directory), directory }
}

/** Mallory, under whatever names she likes. */
export interface Mallory {
  /** Starts a real client of hers that takes calls under this name, with a key of her own where the rung has keys. */
  answerAs(name: string): Promise<TestClient>
  /** Starts a client of hers under this name that calls a peer at this address. */
  callAs(name: string, peer: string, address: Address): Promise<TestClient>
}

/** A directory of her own, which nobody else knows, takes her under any name. Her keys lie in a folder of her own. */
export async function malloryIn(scene: Scene, rung: ChatRung): Promise<Mallory> {
  const { testbed, directory } = await lyingTestbed({ ...scene, folder: join(scene.folder, 'mallory') }, rung)
  return {
    answerAs: name => testbed.startClient(name),
    callAs(name, peer, address) {
      directory.lie(peer, address)
      return testbed.startClient(name, { to: peer })
    },
  }
}
