import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { formatAddress, isLoopback, plainHost } from '@p2p-secure-chat/core/net/address'
import { dismiss } from '@p2p-secure-chat/core/net/conclude'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { clock } from '@p2p-secure-chat/core/net/patience'
import type { Visit } from '@p2p-secure-chat/core/net/reception'
import { type Turns, withTurns } from '@p2p-secure-chat/core/limits/turns'
import { type Channel, ROOM } from '@p2p-secure-chat/core/wire/channel'
import { errorMessage, expectMessage, readError } from '@p2p-secure-chat/core/wire/error-message'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { withKeepalive } from '@p2p-secure-chat/core/wire/keepalive'
import { ERROR } from '@p2p-secure-chat/core/wire/common-messages'
import type { Authentication } from './authentication.ts'
import { costOf } from './directory-reception.ts'
import { checkName } from './name.ts'
import type { Card, Registry } from './registry.ts'
import { type WatchList, watchList } from './watch-list.ts'
import { CARD, LOOKUP, REGISTER, REGISTERED, USERS, WATCH, WELCOME, WHO } from '../messages/directory.ts'

/** How long a client may take from the hello to its registration, in milliseconds. */
const REGISTER_DEADLINE = 10_000

/** What every session of one directory shares. */
export interface Directory {
  readonly registry: Registry
  readonly turns: Turns
  readonly authentication: Authentication | null
  /** Whether other machines can reach this directory. */
  readonly open: boolean
  /** Addresses (IP:PORT) under which clients reach it besides its own, where a router forwards to it. */
  readonly publicAddresses: readonly string[]
}

/**
 * Serves one client: welcome, registration, then its requests in order.
 *
 * @param visit the client's visit, which counts as served once it is registered
 * @throws {ChatError} what the client did wrong, or what ended the connection
 */
export function serveDirectoryClient(
  channel: Channel,
  socket: Socket,
  visit: Visit,
  directory: Directory,
): Promise<void> {
  const reachedUs = plainHost(socket.localAddress ?? '')
  const client = {
    host: plainHost(socket.remoteAddress ?? ''),
    reachedUs,
    address: formatAddress({ host: reachedUs, port: socket.localPort ?? 0 }),
  }
  const fair = withTurns(channel, directory.turns.join(), costOf)
  return serve(withKeepalive(fair, clock), client, visit, directory)
}

/** The address of a client that asks the directory, and the address of ours that it dialled. */
export interface Asker {
  readonly host: string
  readonly reachedUs: string
}

/**
 * The address to give to `asker` for a user whom the directory sees at `host`. A loopback address would mean the
 * asker's own machine: if the asker is elsewhere, it gets the address at which it reached this machine.
 */
export function hostFor(asker: Asker, host: string): string {
  if (host === asker.host) return host
  return isLoopback(host) && !isLoopback(asker.host) ? asker.reachedUs : host
}

interface Client extends Asker {
  /** IP:PORT of ours that the client dialled, as a proof names it. */
  readonly address: string
}

async function serve(channel: Channel, client: Client, visit: Visit, directory: Directory): Promise<void> {
  const { registry } = directory
  const registration = register(channel, client, directory)
  const card = await withDeadline(registration, REGISTER_DEADLINE, 'the registration', visit.gone)
  visit.serve(false)
  const release = await registry.claim(card, () => {
    void dismiss(channel, new ChatError('name-taken', `${card.name} registered again from elsewhere`))
  })
  let watched: WatchList | undefined
  try {
    await channel.send(REGISTERED.message({ name: card.name }))
    for (;;) {
      const request = channel.poll() ?? (await channel.receive())
      if (request === null) return
      if (request.type === WATCH.type) {
        watched ??= watchList(channel, registry, directory.turns.join(true))
        await watched.replace(readWatch(request))
      } else {
        const sent = channel.send(await answer(request, client, registry))
        if (sent !== ROOM) await sent
      }
    }
  } finally {
    watched?.end()
    await release()
  }
}

async function register(channel: Channel, client: Client, directory: Directory): Promise<Card> {
  const { authentication } = directory
  const nonce = randomBytes(32).toString('hex')
  await channel.send(WELCOME.message({ open: directory.open, ...(authentication === null ? {} : { nonce }) }))
  const { name, port, proof } = REGISTER.read(await expectMessage(channel, REGISTER.type))
  checkName(name)
  let fingerprint: string | null = null
  if (authentication !== null) {
    const addresses = [client.address, ...directory.publicAddresses]
    fingerprint = authentication.verify(proof ?? {}, { name, nonce }, addresses)
  }
  return { name, host: client.host, port, fingerprint }
}

function readWatch({ body }: Message): ReadonlySet<string> {
  return new Set(WATCH.read(body).names.map(checkName))
}

async function answer(request: Message, client: Client, registry: Registry): Promise<Message> {
  if (request.type === WHO.type) {
    const { id, prefix, after, limit } = WHO.read(request.body)
    const { names, next } = await registry.list(prefix, after, limit)
    return usersMessage(id, names, next)
  }
  if (request.type === LOOKUP.type) {
    const { id, name } = LOOKUP.read(request.body)
    const card = await registry.lookup(name)
    if (card === null) return errorMessage(new ChatError('unknown-user', `${name.slice(0, 32)} is not online`), id)
    return CARD.message({ id, ...card, host: hostFor(client, card.host) })
  }
  if (request.type === ERROR.type) throw readError(request.body).error
  throw new ChatError('unexpected-message', `type 0x${request.type.toString(16)} is not a request`)
}

/** Written by hand: names need no escapes (name.ts), and JSON.stringify() of that many objects takes twice as long. */
function usersMessage(id: number, names: readonly string[], next: string | null): Message {
  const users = names.map(name => `{"name":"${name}"}`)
  return {
    type: USERS.type,
    body: Buffer.from(`{"id":${id},"users":[${users.join(',')}],"next":${JSON.stringify(next)}}`),
  }
}
