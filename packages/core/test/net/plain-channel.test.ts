import { socketChannel } from '../../src/net/socket-channel.ts'
import { withGoodbye } from '../../src/wire/goodbye.ts'
import { channelSuite } from '../support/channel-suite.ts'
import { conversationLimits } from '../support/ends.ts'

const plain = (socket: Parameters<typeof socketChannel>[0]) =>
  Promise.resolve(withGoodbye(socketChannel(socket, conversationLimits)))

channelSuite('plain frames with a goodbye', ({ alice, bob }) => ({ alice: plain(alice), bob: plain(bob) }), {
  integrity: false,
})
