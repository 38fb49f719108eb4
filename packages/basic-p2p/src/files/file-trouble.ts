import type { CancelCode, ResultCode } from '../messages/files.ts'

type Code = CancelCode | NonNullable<ResultCode>

/** Why a file failed, in words for the side where it did not happen. The codes stand in messages; words never do. */
const THEIRS: Readonly<Record<Code, string>> = {
  declined: 'it was not accepted',
  cancelled: 'the other side stopped it',
  closed: 'the other side left before it was done',
  'too-many': 'the other side was offered too many files',
  busy: 'the other side is receiving the same file already',
  'disk-full': 'the disk of the other side is full',
  unwritable: 'the other side cannot write it',
  'bad-checksum': 'what arrived is not what was sent',
  'file-changed': 'the file was written to while it was sent',
  unreadable: 'the other side cannot read it any more',
  'no-answer': 'nobody answered',
  timeout: 'the other side waited too long',
}

/** What a code in FILE_RESULT or FILE_CANCEL says. */
export function theirTrouble(code: Code): string {
  return THEIRS[code]
}
