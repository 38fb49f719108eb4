/** The benchmarks there are; each prints its own table. */
const BENCHMARKS: Readonly<Record<string, () => Promise<{ run(): Promise<void> }>>> = {
  abuse: () => import('./abuse.ts'),
  channel: () => import('./channel.ts'),
  file: () => import('./file.ts'),
  handshake: () => import('./handshake.ts'),
  read: () => import('./read.ts'),
  'start-up': () => import('./start-up.ts'),
  texts: () => import('./texts.ts'),
}

const name = process.argv[2] ?? ''
const load = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined
if (load === undefined) {
  process.stderr.write(`usage: npm run benchmark -- NAME, where NAME is ${Object.keys(BENCHMARKS).join(', ')}\n`)
  process.exit(2)
}
await (await load()).run()
