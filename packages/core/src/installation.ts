import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ChatError } from './errors.ts'

/** The version of the package that people install; `npm run pack` sets it, and in a checkout it is not defined. */
declare const PACKED_VERSION: string | undefined

const packed = typeof PACKED_VERSION === 'undefined' ? null : PACKED_VERSION

/** Whether this code runs in the installed package; otherwise it runs in a checkout. */
export const isInstalled = packed !== null

/** The version of all programs. In a checkout it is the version that every package.json names. */
export const VERSION = packed ?? '0.2.0'

/** The installed package has all modules in one folder; a checkout has this one in packages/core. */
const ROOT = fileURLToPath(new URL(isInstalled ? '../' : '../../../', import.meta.url))

/** In a checkout: the module of each program, from `packages`. Installed, all of them are in `bin`, by their names. */
const PROGRAMS = {
  'calc-server': 'calculator/dist/bin/server.js',
  'calc-client': 'calculator/dist/bin/client.js',
  'basic-chat-server': 'basic-p2p/dist/bin/server.js',
  'basic-chat-client': 'basic-p2p/dist/bin/client.js',
  'dh-chat-server': 'dh-chat/dist/bin/server.js',
  'dh-chat-client': 'dh-chat/dist/bin/client.js',
  'dh-params': 'dh-chat/dist/bin/params.js',
  'aes-chat-server': 'aes-chat/dist/bin/server.js',
  'aes-chat-client': 'aes-chat/dist/bin/client.js',
  'chat-server': 'aes-chat/dist/bin/server.js',
  'chat-client': 'aes-chat/dist/bin/client.js',
  'chat-lab': 'lab/dist/bin/chat-lab.js',
  'p2p-secure-chat': 'suite/dist/bin/p2p-secure-chat.js',
  // Nobody types this one: only the lab starts it.
  textbook: 'lab/dist/bin/textbook.js',
} as const

export type ProgramName = keyof typeof PROGRAMS

export const PROGRAM_NAMES = Object.keys(PROGRAMS).filter((name): name is ProgramName => Object.hasOwn(PROGRAMS, name))

/** The file of a program, to be run by Node.js. */
export function programFile(name: ProgramName): string {
  return isInstalled ? join(ROOT, 'bin', `${name}.js`) : join(ROOT, 'packages', PROGRAMS[name])
}

/** Folders of files that programs read or copy: where they are in a checkout, by their names in the installed package. */
const DATA_FOLDERS = {
  attacks: 'packages/lab/attacks',
  page: 'packages/dissector/page',
  starters: 'packages/lab/starters',
  wireshark: 'packages/dissector/wireshark',
} as const

export type DataFolder = keyof typeof DATA_FOLDERS

export const DATA_FOLDER_NAMES = Object.keys(DATA_FOLDERS).filter((name): name is DataFolder =>
  Object.hasOwn(DATA_FOLDERS, name),
)

/** The path of a data folder, in which names are the same in a checkout and installed. */
export function dataFolder(folder: DataFolder): string {
  return join(ROOT, isInstalled ? folder : DATA_FOLDERS[folder])
}

/**
 * Reads a file of the package itself, in UTF-8.
 *
 * @throws {ChatError} `unreadable` if it is not there, as in a package of which only a part was installed
 */
export function readDataFile(folder: DataFolder, name: string): string {
  const path = join(dataFolder(folder), name)
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ChatError('unreadable', `${path}, a part of this program, is missing or unreadable`, {
      cause,
      hint: `install p2p-secure-chat ${VERSION} again`,
    })
  }
}
