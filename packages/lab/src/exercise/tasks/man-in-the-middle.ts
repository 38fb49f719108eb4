import { converseThrough, PATIENCE, type Turn } from '../converse-through.ts'
import type { Exercise, ShownFile, Trial } from '../exercise.ts'
import { appointment, place, MEETING_PLACES, remark } from '../conversations/phrases.ts'
import type { Variant } from '../variant.ts'

const SCRIPT = 'mallory.mjs'

export const manInTheMiddle: Exercise = {
  name: 'man-in-the-middle',
  title: 'Mount the man in the middle',
  session: 4,
  minutes: 75,
  parts: [
    { key: 'reads', points: 3, asks: `${SCRIPT} prints what alice says`, form: null },
    { key: 'forges', points: 4, asks: 'bob reads what alice said, with the other place in it', form: null },
    {
      key: 'back',
      points: 3,
      asks: "alice reads bob's answers as he wrote them, under a secret that he does not share",
      form: null,
    },
  ],
  script: SCRIPT,
  prepare: variant => Promise.resolve(prepare(variant)),
}

function prepare(variant: Variant) {
  const [there = '', elsewhere = ''] = variant.shuffled('places', MEETING_PLACES)
  return {
    task: `Alice and bob use the textbook's chat with AES in the group ffdhe2048 of RFC 7919: nobody
can compute a logarithm there. Nothing proves who sent a public value, and you are on the path.

Write \`${SCRIPT}\`. It is called with the port on which bob listens (127.0.0.1). It listens itself and prints
\`listening PORT\`; alice will call that port and believe that it is bob. The script must

1. print each text of alice as a line \`alice: TEXT\`,
2. let bob read her texts, but with "${elsewhere}" wherever she says "${there}",
3. let alice read what bob answers, as it is.

Each side first sends its public value, in decimal. Then each text is one segment, \`IV (16 bytes) | AES-256-CBC\` with
PKCS#7 padding; the key is the SHA-256 of the secret, written in decimal. \`EOM\` as a text ends the chat. The starter
script has the group, the sockets and modular exponentiation.

The check runs it between two textbook peers, which wait at most ${PATIENCE / 1_000} seconds for each text. It may
import only the modules of Node.js, write no files and start no programs.`,
    hints: [
      'You hold two conversations: with alice you are bob, with bob you are alice. Each has a secret of its own.',
      'One exponent of yours is enough. Answer the public value of alice with your own, and send bob your own in place of hers.',
      'Decrypt with the key of one side, change the text, and encrypt with the key of the other side under a fresh IV.',
    ],
    files: {},
    solution: {},
    tryScript: (script: string, trial: Trial) => tryMallory(script, trial, variant, { there, elsewhere }),
  }
}

/** What alice says, and what bob shall read in its place. */
interface Places {
  readonly there: string
  readonly elsewhere: string
}

/** What alice and bob say for this test: nothing of it is in the folder. */
function wordsOf(variant: Variant, there: string): Turn[] {
  const texts = [
    `${remark(variant, 'before')} ${appointment(variant, 'first')}`,
    `Come to the ${there}, not to the ${place(variant, 'other')}. The ${there} it is.`,
  ]
  return texts.map((text, i) => ({
    text,
    answer: `${variant.integer(`answer ${i}`, 1_000, 9_999)}: ${remark(variant, `answer ${i}`)}`,
  }))
}

async function tryMallory(script: string, trial: Trial, variant: Variant, places: Places): Promise<ShownFile> {
  const { there, elsewhere } = places
  const words = wordsOf(variant, there)
  const { bob, alice, printed, apart, fault } = await converseThrough(script, words, trial)
  const verdict = (right: boolean, why: string) => (right ? null : (fault ?? why))
  return {
    reads: verdict(
      words.every(({ text }) => printed.has(`alice: ${text}`)),
      'it did not print each text of alice in a line of its own',
    ),
    forges: verdict(
      words.every(({ text }, i) => bob[i] === text.replaceAll(there, elsewhere)),
      'bob did not read each text with the other place in it',
    ),
    back: verdict(
      apart && words.every(({ answer }, i) => alice[i] === answer),
      apart
        ? 'alice did not read each answer as bob wrote it'
        : 'alice and bob did not come to secrets with mallory: no one was in the middle',
    ),
  }
}
