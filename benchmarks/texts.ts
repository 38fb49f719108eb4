import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ask, BINS, certificate, end, median, openTestbed, pin } from './programs.ts'

const ROUNDS = 5

/** Bytes of a text, and how many go in one round. */
const SIZE = 32
const TEXTS = 20_000
const TLS_TEXTS = 500_000

const TLS_END = fileURLToPath(new URL('./texts-tls.ts', import.meta.url))

/** Short texts from one chat client to another, acknowledged, beside as short ones through TLS with the same ciphers. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-texts-'))
  const children: ChildProcess[] = []
  const testbed = await openTestbed(folder)

  function start(child: ChildProcess, core: number): ChildProcess {
    pin(child, core)
    children.push(child)
    return child
  }

  /** @returns texts per second, from the first that bob prints until alice has every receipt and leaves */
  async function chat(alice: string, bob: string, flags: readonly string[]): Promise<number> {
    const client = (name: string, ...more: readonly string[]) => {
      const where = ['--directory', `127.0.0.1:${testbed.port}`, '--home', folder]
      return spawn(process.execPath, [join(BINS, 'client.js'), '--name', name, ...where, ...flags, ...more])
    }
    const hearer = client(bob, '--accept', 'all')
    start(hearer, 1)
    await printed(hearer, /you accept calls|"ready"/)
    const speaker = client(alice, '--to', bob)
    start(speaker, 0)
    const text = 'x'.repeat(SIZE)
    const first = printed(hearer, new RegExp(text))
    speaker.stdout.resume()
    speaker.stderr.resume()
    speaker.stdin.end(`${text}\n`.repeat(TEXTS))
    await first
    const begun = performance.now()
    const [code]: unknown[] = await once(speaker, 'exit')
    if (code !== 0) throw new Error(`the client ended with ${String(code)}`)
    const seconds = (performance.now() - begun) / 1_000
    await end(hearer)
    return TEXTS / seconds
  }

  try {
    certificate(folder, 'localhost', 'rsa:2048')
    const receiver = start(fork(TLS_END, [folder]), 1)
    const sender = start(fork(TLS_END, [folder]), 0)
    const port = await ask(receiver, {})
    const rows: { name: string; rates: number[]; once: () => Promise<number> }[] = [
      {
        name: 'TLS 1.2 DHE-RSA-AES256-SHA256',
        rates: [],
        once: () => ask(sender, { port, texts: TLS_TEXTS, size: SIZE }),
      },
      { name: 'aes-chat, pipes', rates: [], once: () => chat('alice', 'bob', []) },
      { name: 'aes-chat, --json', rates: [], once: () => chat('carol', 'mallory', ['--json']) },
    ]
    for (let round = 0; round < ROUNDS; round++) {
      for (const row of round % 2 === 0 ? rows : rows.toReversed()) row.rates.push(await row.once())
    }
    const anchor = median(rows[0]?.rates ?? [])
    process.stdout.write(
      `texts of ${SIZE} bytes, each acknowledged, medians of ${ROUNDS} rounds, each end on a core of its own\n`,
    )
    for (const { name, rates } of rows) {
      const rate = median(rates)
      const perSecond = `${Math.round(rate).toLocaleString('en')}/s`
      process.stdout.write(`${name.padEnd(30)} ${perSecond.padStart(12)}   ratio ${(rate / anchor).toFixed(4)}\n`)
    }
  } finally {
    for (const child of children) await end(child)
    await testbed.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Waits until a client has printed something; all that it prints is read from here on. */
function printed({ stdout, stderr }: ChildProcess, what: RegExp): Promise<void> {
  return new Promise(resolve => {
    let tail = ''
    for (const output of [stdout, stderr]) {
      output?.on('data', (chunk: Buffer) => {
        if (what.test((tail += chunk.toString()))) resolve()
        tail = tail.slice(-SIZE)
      })
    }
  })
}
