import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAddress } from '@p2p-secure-chat/core/net/address'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { afterAll, expect, type OnTestFinishedHandler, test } from 'vitest'
import { type Bin, startBin } from '../../../core/test/support/process.ts'
import type { Edit } from './protection.ts'
import { type TestBuild, testBuild } from './test-build.ts'

/** Builds that nobody uses at the moment. */
const free: TestBuild[] = []
afterAll(() => Promise.all(free.map(build => build.remove())))

interface Event {
  readonly event: string
  readonly [field: string]: unknown
}

/** A client with --json. */
interface Client {
  readonly bin: Bin
  readonly events: readonly Event[]
  say(line: string): void
  /** The next event that has these fields. */
  next(fields: Readonly<Record<string, unknown>>): Promise<Event>
}

function clientOf(bin: Bin): Client {
  const events: Event[] = []
  return {
    bin,
    events,
    say: line => bin.write(`${line}\n`),
    async next(fields) {
      for (;;) {
        const event: Event = JSON.parse(await bin.line())
        events.push(event)
        if (Object.entries(fields).every(([name, value]) => event[name] === value)) return event
      }
    },
  }
}

/** Everybody in one scene. Bob takes every call and every file, and carol talks with him from the beginning. */
interface Scene {
  readonly folder: string
  readonly server: Bin
  readonly bob: Client
  readonly carol: Client
  /** Where bob takes calls. */
  readonly address: { readonly host: string; readonly port: number }
  /** Starts somebody else. */
  come(name: string, ...args: readonly string[]): Promise<Client>
  /** Does something when the scene is over. */
  afterwards(work: OnTestFinishedHandler): void
}

async function openScene(packages: string, afterwards: Scene['afterwards']): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'boundaries-'))
  afterwards(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  const server = startBin('aes-chat-server', ['--port', '0'], { packages })
  afterwards(() => server.kill())
  const { port } = await server.listening()
  async function come(name: string, ...args: readonly string[]) {
    const where = ['--name', name, '--directory', `127.0.0.1:${port}`, '--home', folder]
    const bin = startBin('aes-chat-client', [...where, '--json', '--debug', ...args], { packages })
    // It must have written its last file before the folder is removed.
    afterwards(async () => {
      bin.kill('SIGKILL')
      await bin.ended()
    })
    const client = clientOf(bin)
    await client.next({ event: 'ready' })
    return client
  }
  const bob = await come('bob', '--accept', 'all', '--accept-files', folder)
  const carol = await come('carol')
  carol.say('/chat bob')
  await bob.next({ event: 'open', peer: 'carol' })
  const address = parseAddress(String(bob.events[0]?.listen))
  return { folder, server, bob, carol, address, come, afterwards }
}

/** Bob talks on with carol, and takes the call of somebody new. */
async function goesOn({ bob, carol, come }: Scene): Promise<void> {
  carol.say('/msg bob still there?')
  await bob.next({ event: 'message', peer: 'carol', text: 'still there?' })
  const alice = await come('alice')
  alice.say('/chat bob')
  await bob.next({ event: 'open', peer: 'alice' })
}

/** Where something goes wrong in a way that nobody foresaw, and how it is made to. */
interface Place {
  readonly what: string
  readonly edit: Edit
  /** Makes it happen, and sees how it ends. */
  readonly play: (scene: Scene) => Promise<void>
}

const BOOM = `throw new TypeError('boom')`

/** What bob says of it: one line with a code, and with --debug the stack. */
async function bobReports({ bob }: Scene): Promise<void> {
  const { message } = await bob.next({ event: 'error', code: 'internal' })
  expect(message).toBe('boom')
  await bob.bin.stderrShows('TypeError: boom')
}

const PLACES: readonly Place[] = [
  {
    what: 'a connection',
    edit: {
      file: 'basic-p2p/src/chat/establish.ts',
      text: `visit?.awaits('offer');`,
      by: `if (Buffer.from(theirs.body).includes('boom')) ${BOOM}; visit?.awaits('offer');`,
    },
    async play(scene) {
      const socket = connect(scene.address)
      scene.afterwards(() => void socket.destroy())
      const hello = { type: HELLO.type, body: Buffer.from('P2PC{"protocol":"peer-aes/1","boom":true}') }
      socket.write(encodeFrame(hello))
      const ended = new Promise(resolve => socket.resume().once('end', resolve).once('error', resolve))
      await bobReports(scene)
      await ended
    },
  },
  {
    what: 'an upgrade',
    edit: {
      file: 'dh-chat/src/handshake/handshake.ts',
      text: 'checkPeer(peer, options);',
      by: `if (peer.name === 'mallory') ${BOOM}; checkPeer(peer, options);`,
    },
    async play(scene) {
      const mallory = await scene.come('mallory')
      mallory.say('/chat bob')
      await bobReports(scene)
      await mallory.next({ event: 'closed', peer: 'bob' })
    },
  },
  {
    what: 'an upgrade of a call that bob places',
    edit: {
      file: 'dh-chat/src/handshake/handshake.ts',
      text: 'checkPeer(peer, options);',
      by: `if (peer.name === 'mallory') ${BOOM}; checkPeer(peer, options);`,
    },
    async play(scene) {
      await scene.come('mallory', '--accept', 'all')
      scene.bob.say('/chat mallory')
      await bobReports(scene)
      await scene.bob.next({ event: 'closed', peer: 'mallory', code: 'internal' })
    },
  },
  {
    what: 'a call',
    edit: {
      file: 'basic-p2p/src/chat/incoming-call.ts',
      text: 'const { name } = this.#caller;',
      by: `const { name } = this.#caller; if (name === 'mallory') ${BOOM};`,
    },
    async play(scene) {
      const mallory = await scene.come('mallory')
      mallory.say('/chat bob')
      await bobReports(scene)
      await mallory.next({ event: 'closed', peer: 'bob', code: 'declined' })
    },
  },
  {
    what: 'a conversation',
    edit: {
      file: 'basic-p2p/src/chat/outbox.ts',
      text: 'this.#texts.receive(id);',
      by: `if (text === 'boom') ${BOOM}; this.#texts.receive(id);`,
    },
    async play(scene) {
      const mallory = await scene.come('mallory')
      mallory.say('/msg bob boom')
      await bobReports(scene)
      await scene.bob.next({ event: 'closed', peer: 'mallory', code: 'internal' })
      // Nobody has seen the text, so nobody acknowledges it.
      await mallory.next({ event: 'error', code: 'undelivered' })
    },
  },
  {
    what: 'a presenter',
    edit: {
      file: 'basic-p2p/src/screen/presenter.ts',
      text: 'show: event => write(process.stdout,',
      by: `show: event => event.text === 'boom' ? (() => { ${BOOM} })() : write(process.stdout,`,
    },
    async play({ come, bob }) {
      const mallory = await come('mallory', '--accept', 'all')
      mallory.say('/msg bob a text')
      await bob.next({ event: 'message', text: 'a text' })
      mallory.say('/json {"to":"bob","text":"boom"}')
      await bob.bin.stderrShows('error: boom (internal)')
      await bob.bin.stderrShows('TypeError: boom')
      await bob.next({ event: 'closed', peer: 'mallory', code: 'internal' })
    },
  },
  {
    what: 'a file that comes',
    edit: {
      file: 'basic-p2p/src/files/incoming-file.ts',
      text: 'const partial = await openPartial(folder, receiver.signal);',
      by: `if (this.facts.name === 'boom') ${BOOM}; const partial = await openPartial(folder, receiver.signal);`,
    },
    async play(scene) {
      const mallory = await scene.come('mallory')
      mallory.say('/chat bob')
      await mallory.next({ event: 'open' })
      for (const name of ['boom', 'fine']) {
        writeFileSync(join(scene.folder, name), name)
        mallory.say(`/send ${join(scene.folder, name)}`)
      }
      await bobReports(scene)
      await mallory.next({ event: 'file', name: 'boom', state: 'failed' })
      await mallory.next({ event: 'file', name: 'fine', state: 'done' })
    },
  },
  {
    what: 'a file that goes',
    edit: {
      file: 'basic-p2p/src/files/chunk-sender.ts',
      text: 'await this.#source.requireUnchanged();',
      by: `if (this.#source.name === 'boom') ${BOOM}; await this.#source.requireUnchanged();`,
    },
    async play(scene) {
      const mallory = await scene.come('mallory', '--accept', 'all', '--accept-files', scene.folder)
      scene.bob.say('/chat mallory')
      await scene.bob.next({ event: 'open', peer: 'mallory' })
      for (const name of ['boom', 'fine']) {
        writeFileSync(join(scene.folder, name), name)
        scene.bob.say(`/send ${join(scene.folder, name)}`)
      }
      await bobReports(scene)
      await scene.bob.next({ event: 'file', name: 'boom', state: 'failed' })
      await mallory.next({ event: 'file', state: 'done' })
    },
  },
  {
    what: 'a request to the directory',
    edit: {
      file: 'basic-p2p/src/directory/directory-session.ts',
      text: 'const card = await registry.lookup(name);',
      by: `if (name === 'boom') ${BOOM}; const card = await registry.lookup(name);`,
    },
    async play({ server, come }) {
      const mallory = await come('mallory')
      mallory.say('/chat boom')
      await server.stderrShows('error: boom (internal)')
      await mallory.next({ event: 'closed', peer: 'boom' })
    },
  },
  {
    what: 'an answer of the directory',
    edit: {
      file: 'basic-p2p/src/directory/directory-requests.ts',
      text: 'settle(cards, id, card);',
      by: `if (card.name === 'mallory') ${BOOM}; settle(cards, id, card);`,
    },
    async play(scene) {
      await scene.come('mallory')
      scene.bob.say('/chat mallory')
      await bobReports(scene)
      // The connection on which it came ends alone, and is made again.
      await scene.bob.next({ event: 'directory', state: 'back' })
    },
  },
  {
    what: 'the log',
    edit: {
      file: 'dh-chat/src/log/chat-log.ts',
      text: 'const entry = entryOf(event, kept !== null);',
      by: `if (event.text === 'boom') ${BOOM}; const entry = entryOf(event, kept !== null);`,
    },
    async play(scene) {
      const mallory = await scene.come('mallory')
      mallory.say('/msg bob boom')
      await bobReports(scene)
      // It was shown all the same.
      expect(scene.bob.events).toContainEqual(expect.objectContaining({ event: 'message', text: 'boom' }))
    },
  },
]

test.concurrent.for(PLACES)(
  'a defect in $what is one line, and ends that alone',
  async ({ edit, play }, { expect, onTestFinished }) => {
    const build = free.pop() ?? (await testBuild())
    try {
      await build.changed([edit], async () => {
        const scene = await openScene(build.packages, onTestFinished)
        await play(scene)
        await goesOn(scene)
        const defects = scene.bob.events.filter(({ code, event }) => event === 'error' && code === 'internal')
        expect(defects.length).toBeLessThanOrEqual(1)
      })
    } finally {
      free.push(build)
    }
  },
)
