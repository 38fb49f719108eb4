import type { Protection } from './protection.ts'

const CUT_SHORT = 'bob read "I agree", and that alice left cleanly; "but only if carol agrees too" is lost'

/** What keeps each word secret, whole, and in its place. */
export const ofRecords: readonly Protection[] = [
  {
    name: 'encryption',
    without: 'sends IV and plaintext',
    edits: [
      {
        file: 'core/src/cipher/aes-cbc.ts',
        text: 'return cipher.update(room.subarray(0, end + spare));',
        by: 'return room.slice(0, end + spare);',
      },
      {
        file: 'core/src/cipher/aes-cbc.ts',
        text: 'return decipher.update(record).subarray(BLOCK_BYTES);',
        by: 'return record.slice(BLOCK_BYTES);',
      },
    ],
    breaks: { eavesdropping: 'mallory reads "The spare key is under the blue pot."' },
  },
  {
    name: 'IVs that nobody can predict',
    without: 'uses the last block of one record as the IV of the next, as TLS 1.0 did',
    edits: [
      {
        file: 'core/src/cipher/aes-cbc.ts',
        text: 'let room = new Uint8Array(BLOCK_BYTES);',
        by: 'let room = new Uint8Array(BLOCK_BYTES); let iv = CHAIN_START; const kept = key.slice();',
      },
      {
        file: 'core/src/cipher/aes-cbc.ts',
        text: 'return cipher.update(room.subarray(0, end + spare));',
        by: `const chained = createCipheriv(ALGORITHM, kept, iv).setAutoPadding(false);
             const ciphertext = chained.update(room.subarray(BLOCK_BYTES, end));
             const record = Buffer.concat([iv, ciphertext, new Uint8Array(spare)]);
             iv = ciphertext.subarray(-BLOCK_BYTES);
             return record;`,
      },
    ],
    breaks: { 'iv-prediction': 'mallory foresees … IVs: each is the last ciphertext block of the record before' },
  },
  {
    name: 'the tag of a record',
    without: 'accepts every tag',
    edits: [
      {
        file: 'aes-chat/src/record.ts',
        text: '!sameBytes(tag, recordTag(epoch.macKey, sequence, direction, sealed))',
        by: 'false',
      },
    ],
    breaks: { 'iv-flip': 'bob sees that alice has left; "pay carol 100 today" never reached him' },
    secondLocks: { 'bit-flip': 'bad-message' },
  },
  {
    name: 'the sequence number in the tag',
    without: 'uses 0 instead',
    edits: [{ file: 'aes-chat/src/record.ts', text: 'header.writeBigUInt64BE(sequence, 0);', by: '' }],
    breaks: {
      reorder: 'bob gets "Forget what I sent before this.", and after it "contract.txt"',
      drop: 'bob read "the key is under the mat", and that alice left cleanly; "no, it is not safe there any more" is lost',
    },
    secondLocks: { replay: 'bad-message' },
  },
  {
    name: 'keys and a byte in the tag for each direction',
    without: 'has one traffic secret, and 0 instead of that byte',
    edits: [
      { file: 'aes-chat/src/record.ts', text: 'header.writeUInt8(direction, 8);', by: '' },
      {
        file: 'dh-chat/src/handshake/key-schedule.ts',
        text: "expand('responder traffic')",
        by: "expand('initiator traffic')",
      },
    ],
    breaks: { reflection: 'bob said nothing, and alice reads "I will pay for both of us" as his words' },
  },
  {
    name: 'a goodbye that is a message',
    without: 'treats the end of the stream as a goodbye',
    edits: [
      {
        file: 'core/src/wire/goodbye.ts',
        text: "const error = new ChatError('cut', 'the connection ended without a goodbye');",
        by: 'theyLeft = true; partIfBothLeft(); return null;',
      },
    ],
    breaks: { truncation: CUT_SHORT },
  },
  {
    name: 'a goodbye that is sealed',
    without: 'believes a goodbye between two records',
    edits: [
      {
        file: 'dh-chat/src/handshake/handshake-upgrade.ts',
        text: '[...UPGRADE, RECORD]',
        by: '[...UPGRADE, RECORD, { type: 3, limit: 0 }]',
      },
      {
        file: 'core/src/wire/record-channel.ts',
        text: "throw new ChatError('bad-record', 'a frame other than a record arrived');",
        by: 'return void decoder.feed(Uint8Array.of(0, 0, 0, 1, message.type));',
      },
    ],
    breaks: { truncation: CUT_SHORT },
  },
]
