import { ChatError } from '@p2p-secure-chat/core/errors'

/** Whether what was waited for did not come in time; whatever else went wrong is no answer of a victim. */
export const timedOut = (error: unknown): boolean => error instanceof ChatError && error.code === 'timeout'
