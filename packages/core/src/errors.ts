import { inspect } from 'node:util'

/** How a command ends when an error is what ended it. */
export type ExitCode = 1 | 2 | 3

interface Meaning {
  /** 1 failed while running, 2 wrong usage, 3 refused for security. */
  readonly exit: ExitCode
  /** One line that says what a person can do about it. */
  readonly hint: string
}

/**
 * Every way in which this project can fail, closed: docs/protocol.md has one row for each code, and a test keeps the
 * two lists equal.
 */
export const ERRORS = {
  // What arrives on a connection
  'wrong-protocol': { exit: 1, hint: 'check the port: another rung, the calculator or another program answers there' },
  'wrong-version': { exit: 1, hint: 'both sides must run the same major version of p2p-secure-chat' },
  'bad-frame': {
    exit: 1,
    hint: 'the other side does not follow docs/protocol.md; report it to the person who runs it',
  },
  'too-large': { exit: 1, hint: 'send less at once; see --help and docs/protocol.md for the limits' },
  'unknown-type': {
    exit: 1,
    hint: 'the other side does not follow docs/protocol.md; report it to the person who runs it',
  },
  'unexpected-message': {
    exit: 1,
    hint: 'the other side does not follow docs/protocol.md; report it to the person who runs it',
  },
  'bad-message': {
    exit: 1,
    hint: 'the other side does not follow docs/protocol.md; report it to the person who runs it',
  },
  timeout: { exit: 1, hint: 'the other side is silent; check that it still runs and try again' },
  cut: { exit: 1, hint: 'the connection ended without a goodbye; check the network and call again' },
  closed: { exit: 1, hint: 'the conversation is over; call again to go on' },

  // Reaching someone
  'bad-address': { exit: 2, hint: 'write HOST:PORT, for example 127.0.0.1:10001 or [::1]:10001' },
  'bad-invite': { exit: 2, hint: 'ask for it again: one word, chat:NAME@HOST:PORT#FINGERPRINT, as /invite shows it' },
  'port-in-use': { exit: 1, hint: 'choose another with --port (a chat client: --listen); 0 picks a free one' },
  unreachable: { exit: 1, hint: 'check the address, that the program runs there, and that no firewall is between' },
  'too-many': { exit: 1, hint: 'wait a moment and try again; the limits are in --help' },

  // Calculator
  syntax: { exit: 1, hint: 'numbers such as 1000.5, + - * / %, parentheses; evaluated strictly left to right' },
  'division-by-zero': { exit: 1, hint: 'change the divisor at that column' },
  overflow: { exit: 1, hint: 'results are limited to 1,000 digits' },

  // Directory
  'no-directory': {
    exit: 1,
    hint: 'start a chat server, run one inside with --run-directory, or name one with --directory HOST:PORT',
  },
  'bad-name': { exit: 2, hint: 'a name is 1 to 32 of a-z 0-9 . _ - and starts with a letter or digit' },
  'name-taken': { exit: 1, hint: 'choose another name with --name' },
  'name-in-use': {
    exit: 1,
    hint: 'say it in the client that runs, with /msg NAME TEXT, or choose another name with --name',
  },
  'unknown-user': { exit: 1, hint: '/who lists who is online' },
  'bad-proof': {
    exit: 3,
    hint: 'you reached the directory under an address that is not its own; see --public of the server',
  },

  // Calls
  declined: { exit: 1, hint: 'the other side declined this call' },
  busy: { exit: 1, hint: 'a conversation with this peer is already open, or you called it too often: wait a moment' },
  blocked: { exit: 1, hint: '/unblock NAME lets you talk to each other again; /block lists the people you blocked' },
  crossed: { exit: 1, hint: 'both sides called at once; the other call goes on' },
  'no-answer': { exit: 1, hint: 'nobody answered; try again later' },
  'no-conversation': { exit: 1, hint: 'open one with /chat NAME first' },
  ambiguous: { exit: 1, hint: 'say which one with NAME and NUMBER, as its offer shows them' },
  'self-call': { exit: 2, hint: 'call somebody else' },
  undelivered: { exit: 1, hint: 'say it again once the peer is back' },

  // Files between peers
  cancelled: { exit: 1, hint: 'somebody stopped it; send the file again if that was a mistake' },
  'disk-full': { exit: 1, hint: 'make room on the disk, then try again' },
  'file-changed': { exit: 1, hint: 'send it again once nothing writes to it any more' },
  'bad-checksum': {
    exit: 1,
    hint: 'ask for the file again; if that does not help, check the disks and the network',
  },
  'no-file': { exit: 1, hint: '/send FILE offers a file to the person you are talking to' },

  // Key exchange and identity
  'unknown-group': { exit: 2, hint: 'use ffdhe2048/3072/4096/6144/8192, modp14 to modp18, or a PEM file' },
  'bad-group-file': { exit: 2, hint: 'a PEM file with DH PARAMETERS is expected; dh-params writes one' },
  'weak-group': { exit: 3, hint: 'use a named group, or make one with dh-params' },
  'no-common-group': {
    exit: 3,
    hint: 'give both sides the same --group, or neither; without it, groups above 4096 bits and from files are refused',
  },
  'bad-public-value': {
    exit: 3,
    hint: 'the other side, or someone on the path, sent an invalid public value: do not trust it',
  },
  'handshake-failed': {
    exit: 3,
    hint: 'someone on the path may be interfering; call again, and compare with /verify before you say anything private',
  },
  'wrong-peer': {
    exit: 3,
    hint: 'the peer that answered is not the one you called; the directory or someone on the path is lying',
  },
  'bad-key': { exit: 3, hint: 'this is not a valid Ed25519 key' },
  'key-changed': { exit: 3, hint: 'ask the person over another channel; /forget NAME only if they confirm a new key' },
  'bad-record': { exit: 3, hint: 'someone on the path altered, repeated or removed data: the session was ended' },
  'session-limit': { exit: 1, hint: 'this session has carried all it may under one key; call again' },

  // Captures
  'bad-capture': { exit: 1, hint: 'a capture file of tcpdump or Wireshark is expected: pcap or pcapng' },

  // Files and usage
  'bad-identity': {
    exit: 1,
    hint: 'it must be an Ed25519 private key in PEM that only you can read; repair it, or move it away',
  },
  'unsafe-file': { exit: 3, hint: 'make it writable for you alone: chmod go-w, or chown' },
  'bad-passphrase': { exit: 1, hint: 'give the right passphrase, or its file with --passphrase-file' },
  'bad-known-peers': { exit: 1, hint: 'repair or remove the line named above' },
  'bad-log': {
    exit: 3,
    hint: 'it was altered, or the disk is damaged: keep a copy if you want one; /log erase in a chat removes it',
  },
  'missing-tool': { exit: 1, hint: 'install what is named above' },
  unreadable: { exit: 1, hint: 'check that the file exists and that you may read it' },
  unwritable: { exit: 1, hint: 'check that the folder exists and that you may write to it' },
  usage: { exit: 2, hint: 'see --help' },
  'unknown-command': { exit: 1, hint: '/help lists the commands; //x sends the text /x' },
  'bad-input': { exit: 1, hint: 'a line is at most 16 KiB of UTF-8' },
  internal: { exit: 1, hint: 'this is a defect of ours: run again with --debug and report it' },
} as const satisfies Record<string, Meaning>

export type ErrorCode = keyof typeof ERRORS

/** The one error class for everything a user or a peer can cause; programming mistakes stay TypeError and RangeError. */
export class ChatError extends Error {
  override readonly name = 'ChatError'
  readonly code: ErrorCode
  /** One line that says what to do about it. */
  readonly hint: string
  /** The name of the peer whom it is about, where that is known and matters. */
  readonly peer: string | null
  /** Whether the other side has reported it to us, in an ERROR: an ERROR is not answered with another one. */
  readonly reported: boolean

  /**
   * @param code what happened, from the closed list
   * @param message what happened in this case, for people; never matched on
   * @param options.hint what to do about it, where that of the code does not fit
   * @param options.peer whom it is about
   * @param options.reported whether the other side has reported it; by default whether it has reported the cause
   */
  constructor(
    code: ErrorCode,
    message: string,
    options?: { cause?: unknown; hint?: string; peer?: string | null; reported?: boolean },
  ) {
    super(message, options)
    this.code = code
    this.hint = options?.hint ?? ERRORS[code].hint
    this.peer = options?.peer ?? null
    this.reported = options?.reported ?? (options?.cause instanceof ChatError && options.cause.reported)
  }

  get exitCode(): ExitCode {
    return ERRORS[this.code].exit
  }
}

/** Anything that was thrown, as a ChatError: anything else is a defect of ours, `internal`, with it as the cause. */
export function asChatError(thrown: unknown): ChatError {
  if (thrown instanceof ChatError) return thrown
  const message = thrown instanceof Error ? thrown.message || thrown.name : inspect(thrown)
  return new ChatError('internal', message, { cause: thrown })
}

/**
 * Passes on, in a `catch`, whatever the code after it does not handle.
 *
 * @param codes those that are handled; by default every ChatError
 * @throws {unknown} `thrown` itself, unless it is a ChatError with one of these codes
 */
export function rethrowUnless(thrown: unknown, ...codes: readonly ErrorCode[]): asserts thrown is ChatError {
  if (!(thrown instanceof ChatError)) throw thrown
  if (codes.length > 0 && !codes.includes(thrown.code)) throw thrown
}

/** Whether `text` is one of our codes: a peer may send any string as a code. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text)
}

/** How the users of one kind of server call it, and what they can do, where the usual advice is about peers. */
export interface Words {
  readonly server: string
  readonly hints: Partial<Readonly<Record<ErrorCode, string>>>
}

/** What ended a connection to a server, in the words of its users; anything else comes back as it is. */
export function inWordsOf({ server, hints }: Words, thrown: unknown): unknown {
  if (!(thrown instanceof ChatError)) return thrown
  const { code } = thrown
  const usual = thrown.hint === ERRORS[code].hint
  const hint = (usual ? hints[code] : undefined) ?? thrown.hint
  return new ChatError(code, named(thrown.message, server), { cause: thrown, hint: named(hint, server) })
}

function named(text: string, server: string): string {
  return text.replace('the other side', server)
}
