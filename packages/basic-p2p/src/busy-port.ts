import { ChatError } from '@p2p-secure-chat/core/errors'

/** Adds to the error of a port that is in use which flag of the command line chooses another. */
export async function namingFlag<T>(flag: string, listening: Promise<T>): Promise<T> {
  try {
    return await listening
  } catch (error) {
    if (!(error instanceof ChatError) || error.code !== 'port-in-use') throw error
    throw new ChatError('port-in-use', `${error.message}; ${flag} chooses another`, { cause: error })
  }
}
