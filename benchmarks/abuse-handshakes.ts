import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { namedGroup } from '../packages/core/src/dh/groups.ts'
import { generateKeyPair, publicValueToBytes } from '../packages/core/src/dh/key-pair.ts'
import { encodeFrame } from '../packages/core/src/wire/frame.ts'
import { helloMessage } from '../packages/core/src/wire/hello.ts'
import { offerMessage } from '../packages/dh-chat/src/handshake/handshake-messages.ts'

const BINS = fileURLToPath(new URL('../packages/aes-chat/dist/bin/', import.meta.url))

/** How long each flood lasts, in seconds: after the burst of a budget, its rate must show. */
const SECONDS = 30

/** Connections that mallory has at once. */
const AT_ONCE = 12

/** Where mallory is, in the same machine and in a network of her own; alice has another one. */
const MALLORY = '127.0.0.2'

/** A program that speaks JSON. */
interface Talker {
  readonly pid: number
  say(line: string): void
  next(event: string): Promise<Record<string, unknown>>
  stop(): Promise<void>
}

/** What one stranger can cost a client, and how long an honest caller's call takes beside it; a row for each flood. */
export async function handshakeFloods(): Promise<string[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-abuse-'))
  const talkers: Talker[] = []
  const start = (program: string, ...args: string[]) => {
    const talker = talkTo(program, args)
    talkers.push(talker)
    return talker
  }
  try {
    const server = start('server', '--port', '0', '--json')
    const { port } = await server.next('listening')
    const person = async (name: string) => {
      const where = ['--directory', `127.0.0.1:${port}`, '--home', join(folder, name)]
      const talker = start('client', '--name', name, ...where, '--json', '--accept', 'all')
      const { listen } = await talker.next('ready')
      return { ...talker, port: Number(String(listen).split(':').at(-1)) }
    }
    const bob = await person('bob')
    const alice = await person('alice')

    async function call(): Promise<number> {
      const begun = performance.now()
      alice.say('/chat bob')
      await alice.next('open')
      const taken = performance.now() - begun
      alice.say('/leave')
      await alice.next('closed')
      return taken
    }

    async function beside(name: string, flood: (over: () => boolean) => Promise<number>): Promise<string[]> {
      let over = false
      const calls: number[] = []
      const [before, begun] = [cpu(bob.pid), performance.now()]
      const flooding = flood(() => over)
      while (performance.now() - begun < SECONDS * 1_000) {
        calls.push(await call())
        await sleep(1_000)
      }
      const elapsed = performance.now() - begun
      const share = (cpu(bob.pid) - before) / elapsed
      over = true
      const served = await flooding
      const rate = served / (elapsed / 1_000)
      return [name, `${(1_000 * share).toFixed(0)} ms/s`, `${rate.toFixed(1)}/s`, `${median(calls).toFixed(0)} ms`]
    }

    await call()
    return [
      await beside('nobody else', () => Promise.resolve(0)),
      await beside('OFFERs in ffdhe2048', over => pour(bob.port, offer('ffdhe2048'), over)),
      await beside('OFFERs in ffdhe4096', over => pour(bob.port, offer('ffdhe4096'), over)),
      await beside('OFFERs in modp18, which is not taken', over => pour(bob.port, offer('modp18'), over)),
      await beside('hellos and silence', over => pour(bob.port, hello(), over)),
      await beside('connections that say nonsense', over => pour(bob.port, Buffer.from('GET / HTTP/1.1\r\n'), over)),
    ]
  } finally {
    await Promise.all(talkers.map(talker => talker.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
}

function talkTo(program: string, args: readonly string[]): Talker {
  const child: ChildProcess = spawn(process.execPath, [join(BINS, `${program}.js`), ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const events: Record<string, unknown>[] = []
  let wake = () => {}
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', line => {
      const event: Record<string, unknown> = JSON.parse(line)
      events.push(event)
      wake()
    })
  }
  return {
    pid: child.pid ?? 0,
    say: line => void child.stdin?.write(`${line}\n`),
    async next(name) {
      for (;;) {
        const event = events.shift()
        if (event?.event === name) return event
        if (event === undefined) {
          await new Promise<void>(resolve => {
            wake = resolve
          })
        }
      }
    },
    async stop() {
      child.kill()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

const hello = () => encodeFrame(helloMessage({ protocol: 'peer-aes/1' }))

/** What a stranger sends who asks for an exponentiation: made once, good for every connection. */
function offer(name: string): Uint8Array {
  const group = namedGroup(name)
  const value = publicValueToBytes(group, generateKeyPair(group).publicKey)
  const message = offerMessage({
    groups: [name],
    group: name,
    public: Buffer.from(value).toString('hex'),
    nonce: randomBytes(32).toString('hex'),
  })
  return Buffer.concat([hello(), encodeFrame(message)])
}

/** Connects over and over, says the same, and hangs up when anything beyond a hello is answered. @returns how often */
async function pour(port: number, words: Uint8Array, over: () => boolean): Promise<number> {
  let times = 0
  const open = new Set<Socket>()
  async function one(): Promise<void> {
    const socket = connect({ port, host: '127.0.0.1', localAddress: MALLORY, noDelay: true })
    open.add(socket)
    let heard = 0
    socket.on('error', () => socket.destroy())
    socket.on('data', (data: Buffer) => {
      heard += data.length
      // Its own hello is shorter.
      if (heard > 64) socket.destroy()
    })
    socket.on('end', () => socket.destroy())
    socket.write(words)
    await once(socket, 'close')
    open.delete(socket)
    times += 1
  }
  const flooders = Array.from({ length: AT_ONCE }, async () => {
    while (!over()) await one()
  })
  while (!over()) await sleep(100)
  for (const socket of open) socket.destroy()
  await Promise.all(flooders)
  return times
}

/** Processor time that a process has used, in milliseconds (proc(5): utime and stime, in ticks of 10 ms). */
function cpu(pid: number): number {
  const fields = (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? '').split(' ')
  return 10 * (Number(fields[11]) + Number(fields[12]))
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
