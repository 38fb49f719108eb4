import { once } from 'node:events'
import { dial } from '@p2p-secure-chat/core/net/dial'
import { expect, onTestFinished, test } from 'vitest'
import { PLACES_OF_NETWORK } from '@p2p-secure-chat/core/limits/places'
import { listenForPeers } from '../../src/client/peer-listener.ts'
import { plainUpgrade } from '../../src/plain-upgrade.ts'

test('who watches the connections sees those that are turned away as well', async () => {
  const sent: string[] = []
  const listener = await listenForPeers(
    { host: '127.0.0.1', port: 0 },
    plainUpgrade('bob'),
    () => undefined,
    () => undefined,
    (_, dialled) => {
      expect(dialled).toBe(false)
      const index = sent.push('') - 1
      return { sent: bytes => void (sent[index] += Buffer.from(bytes).toString('latin1')), received: () => undefined }
    },
  )
  onTestFinished(() => {
    listener.stop()
    listener.destroyAll()
  })
  for (let i = 0; i <= PLACES_OF_NETWORK; i++) {
    const socket = await dial(listener)
    onTestFinished(() => void socket.destroy())
    // Its hello, or why there is none.
    await once(socket, 'data')
  }
  expect(sent).toHaveLength(PLACES_OF_NETWORK + 1)
  expect(sent[0]).toContain('peer-basic/1')
  expect(sent.at(-1)).toContain('too-many')
})
