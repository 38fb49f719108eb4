/**
 * Every message type of every protocol, in one table (docs/protocol.md, Message types). The first digit says which
 * part of the project speaks it.
 */
export const HELLO = 0x01
export const ERROR = 0x02
export const GOODBYE = 0x03
export const KEEPALIVE = 0x04

export const EVALUATE = 0x10
export const RESULT = 0x11

export const WELCOME = 0x20
export const REGISTER = 0x21
export const REGISTERED = 0x22
export const WHO = 0x23
export const USERS = 0x24
export const LOOKUP = 0x25
export const CARD = 0x26
export const WATCH = 0x27
export const PRESENCE = 0x28

export const NAME = 0x30
export const OFFER = 0x31
export const RETRY = 0x32
export const ANSWER = 0x33
export const IDENTITY = 0x34
export const CONFIRM = 0x35

export const RECORD = 0x40
export const KEY_UPDATE = 0x41

export const CALL = 0x50
export const ACCEPT = 0x51
export const DECLINE = 0x52
export const TEXT = 0x53
export const RECEIPT = 0x54
export const FILE_OFFER = 0x55
export const FILE_ACCEPT = 0x56
export const FILE_CHUNK = 0x57
export const FILE_PROGRESS = 0x58
export const FILE_RESULT = 0x59
export const FILE_CANCEL = 0x5a
