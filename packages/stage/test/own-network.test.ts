import { expect, test } from 'vitest'
import { dialHere, type Interfaces, listenHere, requireOwnNetwork, startDirectoryHere } from '../src/own-network.ts'
import type { Sources } from '../../core/test/house/support/architecture.ts'
import { reachOf } from '../../core/test/house/support/reach.ts'
import { readSources } from '../../core/test/house/support/sources.ts'

const loopback = {
  address: '127.0.0.1',
  netmask: '255.0.0.0',
  family: 'IPv4' as const,
  mac: '00:00:00:00:00:00',
  internal: true,
  cidr: '127.0.0.1/8',
}
const card = (address: string, mac: string) => ({ ...loopback, address, mac, internal: false, cidr: `${address}/24` })

const onAlice: Interfaces = { lo: [loopback], eth0: [card('10.0.0.2', '02:00:00:00:00:02')] }

test.each(['127.0.0.1', '127.8.9.10', '::1'])('%s is loopback and allowed anywhere', host => {
  expect(() => requireOwnNetwork(host, { eth0: [card('192.0.2.7', '00:11:22:33:44:55')] })).not.toThrow()
})

test.each(['10.0.0.1', '10.0.0.2', '10.0.0.3'])('%s is allowed on a host that the recorder made', host => {
  expect(() => requireOwnNetwork(host, onAlice)).not.toThrow()
})

test.each<[string, string, Interfaces]>([
  ['another address than those of the three', '10.0.0.4', onAlice],
  ['an address of the Internet', '192.0.2.1', onAlice],
  ['every address', '0.0.0.0', onAlice],
  ['a name, which could mean anything', 'localhost', onAlice],
  ['a real network that has the same addresses', '10.0.0.1', { eth0: [card('10.0.0.2', '00:11:22:33:44:55')] }],
  ['the hardware address of another host', '10.0.0.1', { eth0: [card('10.0.0.2', '02:00:00:00:00:03')] }],
  ['a host with one more way out', '10.0.0.1', { ...onAlice, wlan0: [card('192.0.2.7', '00:11:22:33:44:55')] }],
  ['a machine without any network', '10.0.0.1', { lo: [loopback] }],
])('%s is refused', (_, host, interfaces) => {
  expect(() => requireOwnNetwork(host, interfaces)).toThrow(expect.objectContaining({ code: 'bad-address' }))
})

test('here, nothing beyond loopback is dialled or listened on', async () => {
  for (const host of ['192.0.2.1', '10.0.0.1', '0.0.0.0', '::', '2001:db8::1']) {
    await expect(dialHere({ host, port: 9 })).rejects.toMatchObject({ code: 'bad-address' })
    await expect(listenHere({ host, port: 0 }, () => undefined)).rejects.toMatchObject({ code: 'bad-address' })
    const directory = startDirectoryHere({ host, port: 0, rung: 'peer-basic/1', authentication: null })
    await expect(directory).rejects.toMatchObject({ code: 'bad-address' })
  }
})

const sources = readSources()

/** What stands above the rungs. */
const ABOVE = /^(?:stage|dissector|lab)\/src\//

/** The one file of these that opens connections. */
const DOOR = 'stage/src/own-network.ts'

/** What opens connections or takes them. */
const OPENS = /^(?:core\/src\/net\/(?:dial|listen|server)\.ts|(?:basic-p2p|calculator|dh-chat|aes-chat)\/src\/bin\/.*)$/

/** Files above the rungs that load what opens connections, other than through the one file that may. */
function openers(all: Sources): string[] {
  const above = [...all.keys()].filter(path => ABOVE.test(path) && path !== DOOR)
  const withoutDoor = new Map([...all, [DOOR, '']])
  return above.filter(path => {
    const imported = [...reachOf(withoutDoor, path).files].filter(file => file === path || !ABOVE.test(file))
    return (
      imported.some(file => OPENS.test(file)) || /'node:(?:net|tls|dgram|http2?|https)'/.test(valuesOf(all.get(path)))
    )
  })
}

/** Without the imports of types. */
const valuesOf = (source = '') => source.replace(/^import type .*$/gm, '').replace(/^import \{ isIP \} .*$/gm, '')

test('no other file above the rungs opens a connection or takes one, not even through another package', () => {
  expect(openers(sources)).toEqual([])
})

test.each([
  ['node itself', "import { connect } from 'node:net'"],
  ['core', "import { dial } from '@p2p-secure-chat/core/net/dial'"],
  ['a server', "import { startServer } from '@p2p-secure-chat/core/net/server'"],
  ['a client', "import { connectCalculator } from '@p2p-secure-chat/calculator/client'"],
  ['a directory, when it is needed', "const x = () => import('@p2p-secure-chat/basic-p2p/directory/directory-server')"],
])('a file that does so by means of %s would be seen', (_, line) => {
  expect(openers(new Map([...sources, ['lab/src/tour/x.ts', line]]))).toEqual(['lab/src/tour/x.ts'])
})
