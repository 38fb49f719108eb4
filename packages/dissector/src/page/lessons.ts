import type { LessonOfField } from './lesson.ts'

/** What each field teaches. The facts are those of docs/protocol.md. */
export const LESSONS: Readonly<Record<string, LessonOfField>> = {
  // Every frame
  length: {
    what: 'How many bytes follow: 1 for the type, and the body. A u32, big-endian.',
    why: 'TCP is a stream of bytes without seams. The length says where a message ends, and a receiver checks it against the limit of the type before it stores anything.',
    changed:
      'The receiver cuts the stream in the wrong places from here on and soon finds a type or a length that cannot be: the connection ends.',
    keystream:
      'The length in front of a record is neither hidden nor authenticated; one inside a record is hidden, and flipping a bit of the ciphertext flips the same bit of it. Either way the frames no longer end where the record ends, and the receiver refuses it: bad-record.',
    sealed:
      'The tag covers the length of the record and every byte inside. With another length the tag is wrong: bad-record, and the session is over.',
  },
  type: {
    what: 'Which message this is: one byte from the table of message types.',
    why: 'It decides how the body is read, how large it may be, and whether it may come at this moment at all.',
    changed:
      'Another type makes another message of it, if the body fits: a GOODBYE can be made to end the conversation. Most changes end as unknown-type or unexpected-message.',
    in: {
      RECORD: {
        what: 'Which message this is: 0x40, a record.',
        why: 'After the handshake everything travels in records, the goodbye included, so the type says nothing about what is inside.',
        changed: 'After the handshake the receiver takes nothing but records: bad-record.',
        keystream:
          'It is neither hidden nor authenticated, but after the handshake the receiver takes nothing but records: bad-record.',
      },
    },
  },
  body: {
    what: 'A body that does not follow the protocol, so that it has no fields.',
    why: 'The reader shows its bytes as they are and makes nothing up.',
    changed: 'The receiver refuses it as it is: bad-frame, unknown-type, too-large or bad-message.',
  },
  protocol: {
    what: 'The protocol of the conversation, as its hellos named it.',
    why: 'The frame does not repeat it: the meaning of a type depends on it.',
    computed: true,
    changed: 'It is remembered and not on the wire. Whoever wants to change it has to change the hello.',
  },
  response_to: {
    what: 'The packet with the message that this one answers.',
    why: 'An eavesdropper matches question and answer without any key where ids or order are readable, and learns how long the other side took.',
    computed: true,
    changed: 'It is worked out from ids and order, and not on the wire.',
  },
  response_in: {
    what: 'The packet with the answer to this message.',
    why: 'An eavesdropper matches question and answer without any key where ids or order are readable.',
    computed: true,
    changed: 'It is worked out from ids and order, and not on the wire.',
  },

  // Of several messages
  id: {
    what: 'A number that the asker chooses and the answer repeats.',
    why: 'Any number of requests may be under way; the id says which one is answered.',
    changed: 'The answer goes to another question, or to none that was asked.',
    in: {
      TEXT: {
        what: 'The number of this text: 1, 2, 3, ... in each direction. A u64.',
        why: 'The receipt names it, and after a broken connection both sides know which texts are still missing, so that each is shown once.',
        changed: 'An id that is not the next one is bad-message, and the conversation is over.',
      },
      RECEIPT: {
        what: 'The number of the latest text that was handed to the user.',
        why: 'It acknowledges every text up to that one. Only now may the sender say delivered.',
        changed: 'A forged receipt makes the sender believe that texts arrived which somebody removed on the way.',
      },
      FILE_OFFER: fileId(),
      FILE_ACCEPT: fileId(),
      FILE_CHUNK: fileId(),
      FILE_PROGRESS: fileId(),
      FILE_RESULT: fileId(),
      FILE_CANCEL: fileId(),
    },
  },
  name: {
    what: 'The name of a user.',
    why: 'People call each other by name. The directory turns a name into an address.',
    changed: 'The reader of this message takes somebody for somebody else, until a handshake shows whose key answers.',
    in: {
      NAME: {
        what: 'The name under which a peer of the basic rung speaks.',
        why: 'The caller checks that it is the name it dialled.',
        changed: 'Nothing proves it. Whoever is on the path, or answers in the place of bob, says bob and is believed.',
      },
      REGISTER: {
        what: 'The name under which a user wants to be listed.',
        why: 'A name belongs to the first key that proves itself under it; on the basic rung, which has no keys, to the connection that has it.',
        changed:
          'Where there is a proof, its signature covers the name: bad-proof. On the basic rung there is none, and the user is listed under the forged name.',
      },
      IDENTITY: {
        what: 'The name of this side, filled with zeros to 32 bytes, so that its length does not show.',
        why: 'It travels encrypted: who only listens does not see who talks to whom. The signature binds it to the key.',
        changed: 'The tag, the MAC and the signature cover it.',
      },
    },
  },
  nonce: {
    what: '32 fresh random bytes, in hex.',
    why: 'They make every exchange different from all others, so nothing of an earlier one can be played back into it.',
    changed: 'What is computed from it fits on one side only.',
    in: {
      WELCOME: {
        what: '32 fresh random bytes of the directory, in hex.',
        why: 'The proof of the client signs them. A proof that was recorded yesterday does not fit the nonce of today.',
        changed:
          'The client signs another nonce than the directory sent, and the directory refuses the proof: bad-proof.',
      },
    },
  },
  code: {
    what: 'Why it failed, as one word of a closed list.',
    why: 'Programs act on the code; they never look at the words for people.',
    changed:
      'The other side acts on another reason: a name that is free looks taken, a user who is there looks absent.',
    handshake:
      'Nothing authenticates an ERROR before the handshake is done. Whoever is on the path can forge one and so end the attempt, but no more than that: there is nothing weaker to fall back to.',
    in: {
      DECLINE: {
        what: 'Why the call is not taken: declined, busy, crossed or no-conversation.',
        why: 'The caller is told apart what to do: wait, take the other call, or begin anew.',
        changed: 'The caller believes another reason. A call that is refused stays refused.',
      },
      FILE_RESULT: {
        what: 'Null when the file is whole and has its name, else why it ends.',
        why: 'The sender may say done only once the receiver has verified the checksum.',
        changed: 'The sender believes that a file arrived which did not, or the other way round.',
      },
      FILE_CANCEL: {
        what: 'Why the sender gives up the file.',
        why: 'The receiver need not wait for bytes that will not come.',
        changed: 'The receiver believes another reason; the file has ended either way.',
      },
    },
  },
  message: {
    what: 'The same reason in words for people.',
    why: 'A person reads it on the screen. It decides nothing.',
    changed:
      'A person reads forged words, which is why the program prints them with every control character made visible.',
    handshake:
      'Nothing authenticates an ERROR before the handshake is done, so these words may come from anybody on the path. They decide nothing.',
  },
  fingerprint: {
    what: 'SHA-256 of the identity key, in base64url.',
    why: 'People compare it, and known_peers remembers it.',
    computed: true,
    changed: 'It is computed from the key, and not on the wire. Another key has another fingerprint.',
    in: {
      CARD: {
        what: 'The fingerprint that the directory remembers for this user.',
        why: 'A hint and nothing else: who a peer is comes from the handshake.',
        changed: 'Nothing is trusted because of it, so a forged one gains nothing.',
      },
    },
  },
  host: {
    what: 'The address from which the directory sees this user.',
    why: 'The caller dials it directly; no text passes the directory on the way.',
    changed:
      'The caller dials a machine of the attacker. On the dh and aes rungs the handshake shows that another key answers; on the basic rung nothing does.',
  },
  port: {
    what: 'The TCP port at which this user takes calls.',
    why: 'Peers listen on any port that is free, so the directory has to tell it.',
    changed:
      'The call goes to another program. On the dh and aes rungs the handshake shows who answers; on the basic rung nothing does.',
    in: {
      REGISTER: {
        what: 'The TCP port at which this user takes calls.',
        why: 'The directory passes it on to whoever looks the user up.',
        changed:
          'The proof does not cover it: callers are sent to another port of that machine. The handshake of the dh and aes rungs shows who answers there; on the basic rung nothing does.',
      },
    },
  },

  // HELLO
  magic: {
    what: 'The four letters P2PC.',
    why: 'They mark a conversation of ours on any port, and tell the receiver at once that it speaks to the right kind of program.',
    changed: 'It is no hello any more: wrong-protocol, and the connection ends.',
    handshake: 'It is no hello any more: wrong-protocol, and the connection ends.',
  },
  'hello.protocol': {
    what: 'Which protocol this side speaks, and in which version.',
    why: 'Both hellos must agree. There is no fallback, so there is nothing to downgrade to.',
    changed: 'The two hellos do not agree: wrong-protocol or wrong-version, and the connection ends.',
    handshake:
      'The two hellos do not agree: wrong-protocol. Where an attacker changes both alike, the transcript and every label of the key schedule differ: handshake-failed.',
  },
  'hello.rung': {
    what: 'Whose users this directory lists: the peer protocol that they speak.',
    why: 'Users of different rungs cannot talk to each other, so they do not see each other either.',
    changed: 'The two hellos do not agree: wrong-protocol. The proof of a registration covers the rung as well.',
  },

  // Calculator
  expression: {
    what: 'What is to be computed, strictly from left to right.',
    why: 'The server evaluates it; the client only asks.',
    changed: 'The server computes something else, and the user takes the result for the answer to the question.',
  },
  result: {
    what: 'The result, as a decimal string.',
    why: 'A string is exact to a thousand digits; a JSON number is not.',
    changed: 'The user reads a forged result. Nothing on this rung would show it.',
  },
  column: {
    what: 'The column of the expression in which the fault stands.',
    why: 'The client can point at it.',
    changed: 'The client points at another place.',
  },

  // Directory
  'welcome.open': {
    what: 'Whether this directory can be reached from other machines.',
    why: 'Where it can, clients listen on all interfaces; else on loopback alone.',
    changed:
      'With a forged false nobody on another machine can call this user; with a forged true a client listens to more of the network than it has to.',
  },
  'proof.key': {
    what: 'The public Ed25519 key of this user, 32 bytes in base64url.',
    why: 'From now on the name belongs to this key, for as long as the directory runs.',
    changed: 'The signature does not verify under another key: bad-proof.',
  },
  'proof.nonce': {
    what: '32 fresh random bytes of the client, in hex.',
    why: 'The signature covers them, so that no directory chooses alone what a client signs.',
    changed: 'The signature covers it: bad-proof.',
  },
  'proof.address': {
    what: 'The address of the directory, as the connection of the client has it.',
    why: 'A directory that passes this proof on to another one gains nothing: the address is not that of the other.',
    changed: 'The signature covers it, and the directory refuses an address that is not its own: bad-proof.',
  },
  'proof.signature': {
    what: 'An Ed25519 signature over both nonces, the key, the name, the address and the rung.',
    why: 'Only who has the private key can make it, so nobody else can take the name.',
    changed: 'It does not verify: bad-proof.',
  },
  'who.prefix': {
    what: 'How the names that are asked for begin.',
    why: 'A directory may have very many users; this asks for a part of them.',
    changed: 'The user sees other names than those asked for, or none.',
  },
  'who.after': {
    what: 'The name after which the list goes on.',
    why: 'Long lists come in pages.',
    changed: 'The user sees another page.',
  },
  'who.limit': {
    what: 'How many names the answer may have at most: 1 to 200.',
    why: 'A page, not a flood.',
    changed: 'The page is longer or shorter.',
  },
  'users.next': {
    what: 'The name after which the next page begins.',
    why: 'It is null on the last page.',
    changed: 'Names are skipped or shown twice.',
  },
  'presence.online': {
    what: 'Whether this user is there.',
    why: 'Whoever watches a name hears at once when it comes and goes; so does whoever listens.',
    changed: 'Somebody who is there looks absent, or the other way round. A call would show the truth.',
  },

  // Handshake
  'dh.groups': {
    what: 'One of the groups that the caller would take.',
    why: 'The other side takes the first of its own list that is among them. None of them is small.',
    changed: 'An attacker would like to leave only the weakest.',
  },
  'dh.group': {
    what: 'The group of this public value: a safe prime p and a generator g.',
    why: 'Both sides must compute in the same group. Parameters never come from the wire; only their name does.',
    changed: 'The two sides would compute in different groups.',
  },
  'dh.bits': {
    what: 'The size of p in bits.',
    why: 'It says how hard the discrete logarithm is. From 2,048 bits on nobody is known to be able to compute it; in a toy group anyone can.',
    computed: true,
    changed:
      'It follows from the name of the group or the length of the public value, and is not on the wire by itself.',
  },
  'dh.public': {
    what: 'The generator g to the power of a fresh private number, modulo p, in hex: half of the Diffie-Hellman exchange.',
    why: 'Each side raises the value of the other to its own private number, and both get the same secret, which never crosses the wire.',
    changed: 'Whoever replaces both values sits in the middle with one secret for each side.',
    handshake:
      'This is the attack on bare Diffie-Hellman: whoever replaces both values has one secret with each side. Here it fails, for the signatures cover the values: handshake-failed. A value outside of 2 to p - 2 or of the subgroup is bad-public-value.',
  },
  'identity.ciphertext': {
    what: 'Name, key, signature and MAC of one side, encrypted.',
    why: 'Who only listens does not learn who talks to whom. The caller proves itself last, so it never shows its identity to somebody who has not proved who they are.',
    changed: 'The key stream alone would let bits be flipped.',
    handshake: 'The tag is checked before anything is decrypted. It does not fit: handshake-failed.',
  },
  'identity.tag': {
    what: 'HMAC-SHA-256 over the encrypted identity.',
    why: 'It shows a change before anything is decrypted. Its key comes from the exchange, so it fits in this one alone.',
    changed: 'It does not fit.',
    handshake:
      'It does not fit the ciphertext: handshake-failed. To make one that fits, one needs the secret of the exchange.',
  },
  'identity.tag_status': {
    what: 'Whether the tag fits, as far as the key log lets us compute it.',
    why: 'The receiver computes the same before it believes anything.',
    computed: true,
    changed: 'It is computed, and not on the wire. After a change of the identity it would be bad.',
  },
  'identity.key': {
    what: 'The public Ed25519 key of this side, 32 bytes.',
    why: 'This is who the peer is. It is remembered under the name; another key later on is key-changed.',
    changed: 'The signature does not verify under another key.',
  },
  'identity.signature': {
    what: 'An Ed25519 signature over the transcript, the name and the key.',
    why: 'It proves that the owner of the key took part in this very exchange, with these public values. This is what a man in the middle cannot make.',
    changed: 'It does not verify.',
  },
  'identity.mac': {
    what: 'HMAC over the transcript, name, key and signature, with a key from the exchange.',
    why: 'It binds the identity to the secret: who signs also knows the secret. That is the MAC of SIGMA.',
    changed: 'It does not fit.',
  },
  'identity.mac_status': {
    what: 'Whether the MAC fits, as far as the key log lets us compute it.',
    why: 'The receiver computes the same before it believes who that is.',
    computed: true,
    changed: 'It is computed, and not on the wire. After a change of the identity it would be bad.',
  },
  'confirm.mac': {
    what: 'HMAC over the whole transcript, with a key from the session secret.',
    why: 'With it the caller knows that the other side accepted its identity, and has the same keys.',
    changed: 'It does not fit.',
    handshake: 'It does not fit: handshake-failed, and no record is ever sent.',
  },
  'confirm.status': {
    what: 'Whether the confirmation fits, as far as the key log lets us compute it.',
    why: 'Good means that both sides have the same transcript and the same keys.',
    computed: true,
    changed: 'It is computed, and not on the wire. After any change in the handshake it would be bad.',
  },
  safety_number: {
    what: 'Sixty digits that follow from both keys and both names.',
    why: 'Two people who read them to each other, over another way, know that nobody is between them.',
    computed: true,
    changed:
      'It is computed, and not on the wire. With somebody in the middle the two people would read different digits.',
  },

  // Records
  'record.offset': {
    what: 'How many bytes of the key stream of this direction were used before this record.',
    why: 'No byte of the key stream is ever used twice: two texts under the same bytes would give away their difference.',
    computed: true,
    changed:
      'It is counted on both sides, and not on the wire. Whoever removes or inserts bytes shifts it, and everything after that decrypts to garbage: bad-record.',
  },
  'record.iv': {
    what: '16 unpredictable bytes, new for every record.',
    why: 'CBC mixes them into the first block, so equal texts do not look equal.',
    changed: 'In bare CBC a bit that is flipped here flips the same bit of the first block of the text.',
    sealed:
      'In bare CBC a bit that is flipped here flips the same bit of the first block of the plaintext. Here the tag covers the IV: bad-record, and the session is over.',
  },
  'record.ciphertext': {
    what: 'The frames of this record, encrypted.',
    why: 'Without the key nobody reads it. How many bytes it has, everybody sees.',
    changed: 'The text changes.',
    keystream:
      'Flip one bit, and the same bit of the frames inside flips. Who knows or guesses what a text says can replace it by another one of the same length; neither side notices.',
    sealed:
      'In bare CBC it garbles one block, flips chosen bits of the next, and how the receiver fails can give away the text (a padding oracle). Here the tag is checked before anything is decrypted: bad-record, without a reason, and the session is over.',
  },
  'record.tag': {
    what: 'HMAC-SHA-256 over sequence number, direction, length, type, IV and ciphertext.',
    why: 'It is what the dh rung lacks: only who has the key can make it, for this record, at this place, in this direction.',
    changed: 'It does not fit.',
    sealed:
      'It does not fit: bad-record, and the session is over. Guessing it has a chance of one in 2 to the power of 256.',
  },
  'record.sequence': {
    what: 'The number of this record in its direction, from 0.',
    why: 'It is not on the wire, but under the tag: a record that is repeated, missing or out of order has a wrong tag.',
    computed: true,
    changed:
      'It is counted on both sides, and not on the wire. Remove, repeat or exchange records, and the next tag is wrong: bad-record.',
  },
  'record.epoch': {
    what: 'How often this direction has changed its keys.',
    why: 'A KEY_UPDATE says that the next record uses the next secret. Who steals a later secret cannot compute the earlier ones.',
    computed: true,
    changed: 'It is counted on both sides, and not on the wire. A record under keys of another epoch has a wrong tag.',
  },
  'record.tag_status': {
    what: 'Whether the tag fits, as far as the key log lets us compute it.',
    why: 'The receiver checks the same, in constant time, before it decrypts anything.',
    computed: true,
    changed: 'It is computed, and not on the wire. After any change of the record it would be bad.',
  },
  'record.batch_length': {
    what: 'How many bytes of frames follow; the rest is zeros. A u32.',
    why: 'It tells the frames from the filling.',
    changed: 'Frames would be cut off, or zeros be read as frames.',
  },
  'record.padding': {
    what: 'Zeros up to the next bucket: 64, 128, 256, 512, 1,024, then multiples of 1,024.',
    why: 'Who listens sees the bucket and not the length: yes and no look the same.',
    changed: 'The receiver checks the zeros too, once the tag was right.',
  },

  // Conversation
  conversation: {
    what: '128 random bits that name this conversation.',
    why: 'If the connection breaks, a new one can go on with the same conversation.',
    changed:
      'A forged id keeps the conversation from being resumed. On the basic rung, where none is resumed, it decides nothing.',
  },
  'resume.conversation': {
    what: 'The id that the other side gave the conversation that broke.',
    why: 'It says which conversation goes on here. Only the key of its first connection will do.',
    changed: 'The other side knows no such conversation (no-conversation), and it is over.',
  },
  received: {
    what: 'The id of the latest text that was handed to the user.',
    why: 'Both sides send again exactly what comes after it, so each text is shown once.',
    changed: 'A number that is too large makes the other side believe that texts arrived which did not.',
  },
  text: {
    what: 'What one person wrote to the other, in UTF-8.',
    why: 'This is what all the rest is for.',
    changed: 'The other person reads forged words. Nothing on this rung would show it.',
    keystream:
      'The key stream hides it, and nothing authenticates it. Flip a bit of the ciphertext at this place, and the same bit of the text flips. Whoever guesses what it says can turn it into any other text of the same length; neither side notices.',
  },
  'file.name': {
    what: 'The name of the file at the sender.',
    why: 'The receiver makes a name of its own from it: a name from the wire decides nothing about where a file goes.',
    changed: 'The file gets another name.',
  },
  'file.size': {
    what: 'How many bytes the file has.',
    why: 'The receiver knows when it is whole, and whether to take it at all.',
    changed: 'The chunks no longer fit the size, or the file its checksum, and it is not kept.',
  },
  'file.sha256': {
    what: 'SHA-256 of the whole file.',
    why: 'The receiver keeps the file only if it has this checksum in the end.',
    changed:
      'A file that was altered on the way would pass with a forged checksum: a checksum shows accidents, not attacks, where nothing authenticates the checksum itself.',
  },
  'file.offset': {
    what: 'A place in the file: how many bytes lie before it.',
    why: 'A file that broke off goes on from where it was.',
    changed: 'Bytes that are not the next ones are refused: bad-message.',
    in: {
      FILE_PROGRESS: {
        what: 'How many bytes of the file are written.',
        why: 'The sender has at most 1,032,192 bytes under way beyond this.',
        changed:
          'The sender believes that more is written than is; without an honest FILE_RESULT it still does not say done.',
      },
    },
  },
  'file.bytes': {
    what: 'Bytes of the file.',
    why: 'At most 64,512 at a time, so that texts can pass in between.',
    changed:
      'The file is another one. Its checksum shows it, unless the checksum was altered as well, which here anybody on the path can do.',
  },

  // The textbook's format
  'legacy.line': {
    what: 'One line of plain text.',
    why: 'Without lengths a message ends where the line ends, or where the segment does, which TCP does not promise.',
    changed: 'The other side believes it. Nothing proves a name, and nothing hides one.',
  },
  'legacy.public': {
    what: 'A Diffie-Hellman public value as a decimal number.',
    why: 'It makes a shared secret, but nothing says with whom: there is no signature.',
    changed:
      'Whoever replaces both values has one secret with each side, reads all and passes it on. Where p is small, even that is not needed: the secret is found by trying.',
  },
  'legacy.text': {
    what: 'Text as it was typed.',
    why: 'In this format a key was agreed upon, and then nothing was encrypted with it.',
    changed: 'The other person reads forged words.',
  },
  'legacy.iv': {
    what: '16 bytes that CBC mixes into the first block.',
    why: 'With a new one for each message equal texts do not look equal.',
    changed: 'A bit that is flipped here flips the same bit of the first block of the text. No tag shows it.',
  },
  'legacy.ciphertext': {
    what: 'Text under AES-256 in CBC mode, with a key hashed from the shared secret.',
    why: 'It hides the text, if the secret cannot be guessed. It does not protect it from being changed.',
    changed:
      'It garbles one block and flips chosen bits of the next. No tag shows it, and how the receiver fails can give away the text (a padding oracle).',
  },
}

function fileId() {
  return {
    what: 'Which file of the sender is meant: 1, 2, 3, ...',
    why: 'Up to four files of a side may be under way at once, and texts in between.',
    changed:
      'A file that was never offered is bad-message; another one that is under way gets the wrong bytes or the wrong end.',
  }
}
