import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import {
  dialHere,
  type Interfaces,
  listenHere,
  requireOwnNetwork,
  startDirectoryHere,
} from '../../src/stage/own-network.ts'

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

/** An import, at the start or later, of what opens connections or takes them. */
const OPENER =
  /(?:^import (?!type).*|\bimport\()'(?:node:(?:net|tls|dgram|http|http2|https)|.*\/net\/(?:dial|listen|server|turn-away)|.*\/(?:directory-server|own-directory|directory-client))'/m

test('no other file of the lab opens a connection or takes one', () => {
  const folder = fileURLToPath(new URL('../../src/', import.meta.url))
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'))
  const openers = files.filter(file => OPENER.test(readFileSync(`${folder}${file}`, 'utf8')))
  expect(openers).toEqual(['stage/own-network.ts'])
})
