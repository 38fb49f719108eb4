import type { Protection } from './protection.ts'

/** What keeps a program and a screen from whoever may talk to it. */
export const ofPrograms: readonly Protection[] = [
  {
    name: 'the limit of a frame',
    without: 'makes room for whatever size a header claims',
    edits: [{ file: 'core/src/wire/frame.ts', text: 'if (length - 1 > limit) {', by: 'if (false) {' }],
    breaks: { 'oversized-frame': 'the directory has grown by … MiB meanwhile' },
  },
  {
    name: 'the deadline of the hello',
    without: 'waits for one without end',
    edits: [{ file: 'core/src/wire/hello.ts', text: 'HELLO_DEADLINE = 5_000;', by: 'HELLO_DEADLINE = 2 ** 31 - 1;' }],
    breaks: { 'slow-loris': '… silent connections stay open for as long as mallory likes' },
  },
  {
    name: 'limits of calls under way',
    without: 'hears out whoever connects',
    edits: [
      {
        file: 'basic-p2p/src/chat/peer-listener.ts',
        text: 'total >= UPGRADE_LIMIT || fromSource >= UPGRADE_LIMIT_PER_SOURCE',
        by: 'false',
      },
      { file: 'basic-p2p/src/chat/peer-listener.ts', text: '!sources.take(network)', by: 'false' },
    ],
    breaks: { flood: 'bob hears out every one of 300 calls that come at once' },
  },
  {
    name: 'printable text',
    without: 'prints what others send as it is',
    edits: [
      {
        file: 'core/src/terminal/printable.ts',
        text: 'const shown =',
        by: 'return text; const shown =',
      },
    ],
    breaks: { 'terminal-injection': "the victim's program printed control characters: …" },
  },
]
