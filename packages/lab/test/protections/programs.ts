import type { Protection } from './protection.ts'

/** What keeps a program and a screen from whoever may talk to it. */
export const ofPrograms: readonly Protection[] = [
  {
    name: 'the limit of a frame',
    without: 'allocates any size that a header claims',
    edits: [{ file: 'core/src/wire/frame.ts', text: 'if (length - 1 > limit) {', by: 'if (false) {' }],
    breaks: { 'oversized-frame': 'the directory has grown by … MiB meanwhile' },
  },
  {
    name: 'the deadline of the hello',
    without: 'waits for one forever',
    edits: [{ file: 'core/src/wire/hello.ts', text: 'HELLO_DEADLINE = 5_000;', by: 'HELLO_DEADLINE = 2 ** 31 - 1;' }],
    breaks: { 'slow-loris': '… silent connections stay open for as long as mallory likes' },
  },
  {
    name: 'limits of calls under way',
    without: 'serves everyone who connects',
    edits: [
      {
        file: 'core/src/limits/places.ts',
        text: 'const candidates = inTheWay(networks, seen);',
        by: 'const candidates = null;',
      },
    ],
    breaks: { flood: 'bob hears out every one of 300 calls that come at once' },
  },
  {
    name: 'places that silent sockets lose',
    without: 'lets everybody keep a place for as long as a handshake may take',
    edits: [{ file: 'core/src/limits/places.ts', text: 'if (oldest !== undefined)', by: 'if (false)' }],
    breaks: {
      'silent-sockets': "mallory's 64 silent sockets keep out alice, who was served before: too-many",
    },
  },
  {
    name: 'the budget for handshakes of strangers',
    without: 'computes for every offer as it comes',
    edits: [{ file: 'core/src/limits/cpu-budget.ts', text: 'waiting.add(one);', by: 'one.admit();' }],
    breaks: {
      'half-handshakes':
        "16 times bob computes for 8 offers of mallory's first, and then for one that comes from alice's address",
    },
  },
  {
    name: 'groups that no stranger can impose',
    without: 'accepts the largest groups without --group',
    edits: [{ file: 'dh-chat/src/group/chosen-groups.ts', text: "'modp16'];", by: "'modp16', 'modp17', 'modp18'];" }],
    breaks: { 'expensive-group': 'bob, who does not know mallory, computes in modp17 because she asks him to' },
  },
  {
    name: 'one pass through a text',
    without: 'measures the row again at each letter',
    edits: [
      { file: 'core/src/terminal/rows.ts', text: 'used += cells;', by: 'used = widthOf(row);' },
      {
        file: 'core/src/terminal/clusters.ts',
        text: "return text.split('');",
        by: 'return Array.from(graphemes().segment(text), ({ segment }) => segment);',
      },
    ],
    breaks: { 'expensive-text': "to show 16 KiB of tabs costs bob's program more than to start" },
  },
  {
    name: 'turns at the directory',
    without: 'answers everything one user asks before it turns to the next',
    edits: [{ file: 'core/src/limits/turns.ts', text: 'if (left > 0 && waiting !== later) {', by: 'if (true) {' }],
    breaks: { 'request-flood': "the directory answers … of 1500 requests of mallory's before it looks at alice's" },
  },
  {
    name: 'places for files',
    without: 'starts to receive every file that is offered',
    edits: [{ file: 'basic-p2p/src/files/incoming-files.ts', text: 'if (this.#hasPlace())', by: 'if (true)' }],
    breaks: { 'offer-churn': "of 500 files that are taken back at once … lie in bob's folder" },
  },
  {
    name: 'an answer that means one thing only',
    without: 'accepts the latest of everything that waits',
    edits: [
      {
        file: 'basic-p2p/src/commands/candidates.ts',
        text: 'if (fitting.length > 1 && !interactive)',
        by: 'if (false)',
      },
    ],
    breaks: { 'swapped-offer': 'bob has read of holiday.jpg, says /accept mallory, and takes holiday.jpg.sh' },
  },
  {
    name: 'rows that end early enough for every terminal',
    without: 'counts a family of emoji as one picture, and lets the terminal wrap',
    edits: [
      {
        file: 'core/src/terminal/rows.ts',
        text: 'const cells = mostCellsOf(cluster);',
        by: 'const cells = cellsOf(cluster);',
      },
      { file: 'core/src/terminal/rows.ts', text: 'import { clusters,', by: 'import { cellsOf, clusters,' },
      {
        file: 'basic-p2p/src/screen/screen-presenter.ts',
        text: 'AUTOWRAP_OFF + wrapLines(text, columns()) + AUTOWRAP_ON',
        by: 'wrapLines(text, columns())',
      },
    ],
    breaks: { 'forged-row': 'a row of bob\'s screen begins with "alice: I agree, send mallory the money.…' },
  },
  {
    name: 'printable text',
    without: 'prints the texts of others unchanged',
    edits: [
      {
        file: 'core/src/terminal/printable.ts',
        text: 'const shown = text.length',
        by: 'return text; const shown = text.length',
      },
    ],
    breaks: { 'terminal-injection': "the victim's program printed control characters: …" },
  },
]
