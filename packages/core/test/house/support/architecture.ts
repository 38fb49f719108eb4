/** Every source file by its path inside packages/, such as `core/src/wire/frame.ts`. */
export type Sources = ReadonlyMap<string, string>

/** One import, export from, or dynamic import of a source file. */
interface Import {
  /** What stands between the quotes. */
  readonly from: string
  /** Names of the values that come in; `*` for all of them or for a name that the file chooses. Types do not count. */
  readonly values: readonly string[]
  /** Whether it happens only when the program gets there. */
  readonly dynamic: boolean
}

const RUNGS = ['core', 'calculator', 'basic-p2p', 'dh-chat', 'aes-chat']

/** What each package may stand on: the floors below it. */
const PACKAGES: Record<string, readonly string[]> = {
  core: [],
  calculator: ['core'],
  'basic-p2p': ['core'],
  'dh-chat': ['core', 'basic-p2p'],
  'aes-chat': ['core', 'basic-p2p', 'dh-chat'],
  stage: RUNGS,
  dissector: RUNGS,
  lab: [...RUNGS, 'stage', 'dissector'],
  suite: [...RUNGS, 'lab'],
}

/** What each room of core may import from the others; the files beside them are for all. */
const ROOMS: Record<string, readonly string[]> = {
  calc: [],
  cipher: [],
  dh: ['cipher'],
  files: [],
  wire: [],
  capture: [],
  limits: ['wire'],
  net: ['wire', 'capture', 'files', 'limits'],
  terminal: ['net', 'files'],
  input: ['terminal'],
}

/** Rooms that know the terminal: what is shown there, and what a person types. */
const ROOMS_OF_A_TERMINAL = ['terminal', 'input']

/**
 * The rooms of a package, the lowest first: each may import from those before it. A file beside the rooms is named as a
 * room of its own. What is not listed, such as a bin, stands above all.
 */
const ROOMS_IN_ORDER: Record<string, readonly string[]> = {
  'basic-p2p': ['messages', 'directory', 'files', 'chat', 'commands', 'screen', 'client', 'program'],
  lab: ['numbers-in-words.ts', 'rungs.ts', 'textbook', 'crack', 'attacks', 'exercise', 'matrix', 'show-attack', 'tour'],
  // A file that several rooms share has its own place in the order.
  'dh-chat': ['messages.ts', 'foreign-flags.ts', 'group', 'identity', 'handshake', 'identity-tool', 'log'],
  dissector: ['capture', 'message', 'dissect', 'exchange', 'page', 'reader', 'wireshark'],
}

/** Rooms that know no socket, no terminal, no clock and no process. */
const PURE = ['calc', 'capture', 'cipher', 'dh', 'wire']

/** Rooms of other packages that are as pure; of core they may import what is pure in any room. */
const PURE_ELSEWHERE: readonly string[] = ['dissector/src/capture/', 'dissector/src/message/', 'dissector/src/dissect/']

/** All that pure rooms import besides each other: nothing here talks to anybody. */
const PURE_MODULES = ['node:crypto', 'node:util', 'decimal.js', 'valibot']

/**
 * What pure code does not touch. The end of a turn (process.nextTick, setImmediate) is no clock and no process, and a
 * Date of a given time is no clock.
 */
const IMPURE = /\b(?:Date(?!\(\w)|performance|setTimeout|setInterval|console|fetch|process\.(?!nextTick\b)\w+)\b/

/** Parts of node:net that open no connection. */
const NET_WITHOUT_SOCKETS = ['isIP', 'isIPv4', 'isIPv6', 'BlockList']

/** Who may use the screen outside core/terminal. All are edges of a command, where events become lines. */
const SCREEN_USERS: Record<string, string> = {
  'basic-p2p/src/program/client-command.ts': 'notes what happens before there is a client',
  'basic-p2p/src/program/client-flags.ts': 'asks whether there is a screen',
  'basic-p2p/src/client/chat-client.ts': 'reads lines from a plain pipe',
  'basic-p2p/src/client/leaving.ts': 'notices that nobody reads the output any more',
  'basic-p2p/src/screen/presenter.ts': 'the one place of the clients that writes events as lines',
  'basic-p2p/src/screen/terminal.ts': 'gives the line editor its streams',
  'basic-p2p/src/program/completion-command.ts': 'writes a script to stdout',
  'core/src/net/resolve.ts': 'its helper process answers on stdout',
  'calculator/src/prompt.ts': 'gives the line editor its streams',
  'calculator/src/run-client.ts': 'writes results and reads expressions of a pipe',
  'dh-chat/src/group/params.ts': 'writes the PEM file to stdout and the progress to stderr',
  'dh-chat/src/identity-tool/identity-subcommand.ts': 'reads a key from stdin, and asks whether there is a person',
  'dh-chat/src/log/log-lines.ts': 'asks how wide the lines of the log may be',
  'dh-chat/src/log/log-subcommand.ts': 'asks whether there is a person to ask for a passphrase',
  'dissector/src/reader/input.ts': 'reads a capture from a pipe',
  'dissector/src/reader/run-read.ts': 'writes what a capture shows, as wide as the terminal is',
  'suite/src/umbrella-command.ts': 'writes completion scripts to stdout',
  'lab/src/exercise/command/run-check.ts': 'shows the scores, in colour on a terminal',
  'lab/src/exercise/command/run-start.ts': 'says where an exercise lies, and asks before it begins one anew',
  'lab/src/show-attack/run-attack.ts': 'tells of an attack, and asks what will come of it',
  'lab/src/matrix/run-matrix.ts': 'shows what came of each attack',
  'lab/src/textbook/program.ts': 'speaks lines with the stage',
  'lab/src/crack/run-crack.ts': 'shows how a search goes on, and what it found',
  'lab/src/crack/crack-commands.ts': 'says where bob listens, as servers do',
  'lab/src/tour/demo.ts': 'the tour is a thing to look at',
  'dissector/src/wireshark/install.ts': 'says what it installed, and how to use it',
}

const SCREEN = /\b(?:process\.(?:stdin|stdout|stderr)|console)\b/

/** All that a bin loads before it knows what is asked of it. */
const LOADED_AT_START = ['commander']

const IMPORT =
  /^(?:import|export)\s+(type\s+)?(?:([\w$]+)\s*,?\s*)?(?:\{([^}]*)\}|(\*(?:\s+as\s+[\w$]+)?))?\s*from\s+'([^']+)'/gm
const BARE_IMPORT = /^import\s+'([^']+)'/gm
const DYNAMIC_IMPORT = /\bimport\(\s*'([^']+)'/g

/** A string in quotes. */
export const STRING = /'(?:\\.|[^'\\\n])*'/g

/** Strings stay, comments go. */
const STRING_OR_COMMENT = /('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\/.*|\/\*[\s\S]*?\*\//g

export function withoutComments(source: string): string {
  return source.replace(STRING_OR_COMMENT, (_, string: string | undefined) => string ?? '')
}

/** The imports of a source without comments. */
export function importsOf(source: string): Import[] {
  const imports: Import[] = []
  for (const [, typeOnly, name, list, all, from = ''] of source.matchAll(IMPORT)) {
    const listed = (list ?? '').split(',').map(item => item.trim())
    const values = listed
      .filter(item => item !== '' && !item.startsWith('type '))
      .map(item => item.split(/\s/)[0] ?? '')
    if (name !== undefined || all !== undefined) values.push('*')
    imports.push({ from, values: typeOnly === undefined ? values : [], dynamic: false })
  }
  for (const [, from = ''] of source.matchAll(BARE_IMPORT)) imports.push({ from, values: ['*'], dynamic: false })
  for (const [, from = ''] of source.matchAll(DYNAMIC_IMPORT)) imports.push({ from, values: ['*'], dynamic: true })
  return imports
}

/** The file inside packages/ that an import of `path` means; null for a module from outside. */
export function resolve(path: string, from: string): string | null {
  if (from.startsWith('.')) return new URL(from, `file:///${path}`).pathname.slice(1)
  const [, name, inside] = /^@p2p-secure-chat\/([^/]+)\/(.+)$/.exec(from) ?? []
  return name === undefined ? null : `${name}/src/${inside}.ts`
}

const packageOf = (path: string) => path.split('/')[0] ?? ''
const roomOf = (path: string) => /^core\/src\/([^/]+)\//.exec(path)?.[1] ?? null

/** How high a file stands among the rooms of its package. */
function floorOf(path: string): number {
  const [name = '', , room = ''] = path.split('/')
  const rooms = ROOMS_IN_ORDER[name] ?? []
  return rooms.includes(room) ? rooms.indexOf(room) : rooms.length
}

const isBin = (path: string) => /^[^/]+\/src\/bin\//.test(path)

/**
 * Holds the sources against the rules of who may use what.
 *
 * @returns one line for each fault, `FILE: what is wrong`; none when all is well
 */
export function architectureFaults(sources: Sources): string[] {
  const files = [...sources].map(([path, source]) => {
    const code = withoutComments(source)
    return { path, code, imports: importsOf(code) }
  })
  const faults: string[] = []
  for (const { path, code, imports } of files) {
    const fault = (what: string) => faults.push(`${path}: ${what}`)
    const room = roomOf(path)
    const pureElsewhere = PURE_ELSEWHERE.find(folder => path.startsWith(folder))
    const pure = pureElsewhere !== undefined || (room !== null && PURE.includes(room))
    const here = pureElsewhere ?? `core/${room}`

    for (const { from, values } of imports) {
      const target = resolve(path, from)
      if (target === null) {
        if (pure) {
          if (!PURE_MODULES.includes(from)) fault(`imports ${from}, but ${here} is pure`)
          continue
        }
        if (from === 'node:net' && room !== 'net') {
          const sockets = values.filter(value => !NET_WITHOUT_SOCKETS.includes(value))
          if (sockets.length > 0) fault(`imports ${sockets.join(', ')} of node:net, which only core/net may`)
        }
        if (
          /^(?:chalk|node:readline|node:tty)/.test(from) &&
          values.length > 0 &&
          !ROOMS_OF_A_TERMINAL.includes(room ?? '')
        ) {
          fault(`imports ${from}, which only core/terminal may`)
        }
        continue
      }
      const [own, other] = [packageOf(path), packageOf(target)]
      if (own !== other && !PACKAGES[own]?.includes(other)) fault(`imports ${from}, which does not stand below ${own}`)
      if (own === other && floorOf(target) > floorOf(path)) fault(`imports ${from}, which stands in a higher room`)
      const otherRoom = roomOf(target)
      if (room !== null && otherRoom !== null && otherRoom !== room && !ROOMS[room]?.includes(otherRoom)) {
        fault(`imports ${from}, but core/${room} does not know core/${otherRoom}`)
      }
    }

    const words = code.replace(STRING, "''")
    const impure = pure ? IMPURE.exec(words) : null
    if (impure !== null) fault(`uses ${impure[0]}, but ${here} is pure`)
    const screen = ROOMS_OF_A_TERMINAL.includes(room ?? '') || path in SCREEN_USERS ? null : SCREEN.exec(words)
    if (screen !== null) fault(`uses ${screen[0]}, which only core/terminal may`)
    if (/\bMath\.random\b/.test(words)) fault('uses Math.random, which anybody can predict')
  }
  return [...faults, ...cycles(files), ...heavyBins(files)]
}

type ReadFile = { readonly path: string; readonly imports: readonly Import[] }

/** Values that need each other before either is there. */
function cycles(files: readonly ReadFile[]): string[] {
  const targets = new Map(
    files.map(({ path, imports }) => [path, imports.map(({ from }) => resolve(path, from)).filter(to => to !== null)]),
  )
  const faults: string[] = []
  const done = new Set<string>()
  function visit(path: string, trail: readonly string[]): void {
    const start = trail.indexOf(path)
    if (start >= 0) faults.push(`${path}: imports itself through ${[...trail.slice(start + 1), path].join(' -> ')}`)
    if (start >= 0 || done.has(path)) return
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const { path } of files) visit(path, [])
  return faults
}

/** Bins that load more than they need to answer --version. */
function heavyBins(files: readonly ReadFile[]): string[] {
  const byPath = new Map(files.map(file => [file.path, file]))
  const faults: string[] = []
  for (const bin of files.filter(({ path }) => isBin(path))) {
    const seen = new Set<string>()
    const queue = [bin.path]
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      if (seen.has(path)) continue
      seen.add(path)
      for (const { from, values, dynamic } of byPath.get(path)?.imports ?? []) {
        if (dynamic || values.length === 0) continue
        const target = resolve(path, from)
        if (target !== null) queue.push(target)
        else if (!from.startsWith('node:') && !LOADED_AT_START.includes(from)) {
          faults.push(`${bin.path}: loads ${from} at its start, in ${path}`)
        }
      }
    }
  }
  return faults
}
