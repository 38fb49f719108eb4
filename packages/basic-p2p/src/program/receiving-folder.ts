import { accessSync, constants, existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { absolutePath, userFolder } from '@p2p-secure-chat/core/files/user-folder'

/**
 * Where files of others go unless the user names a folder: the folder one is in, or `~/Downloads` where files of others do
 * not belong or cannot go: inside a git work tree, in the root, or where nothing can be written. Without a home folder it is
 * the folder one is in all the same.
 *
 * @param here the folder one is in
 * @param env as of process.env
 */
export function receivingFolder(here = absolutePath('.'), env: NodeJS.ProcessEnv = process.env): string {
  const user = userFolder(env)
  if (user === null) return here
  const isUnfit = dirname(here) === here || isInWorkTree(here) || !isWritable(here)
  return isUnfit ? join(user, 'Downloads') : here
}

/** A work tree has a folder `.git`, or a file of that name where it is a linked one (gitrepository-layout(5)). */
function isInWorkTree(folder: string): boolean {
  if (existsSync(join(folder, '.git'))) return true
  return dirname(folder) !== folder && isInWorkTree(dirname(folder))
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}
