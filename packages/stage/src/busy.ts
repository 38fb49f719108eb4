import { availableParallelism, loadavg } from 'node:os'
import { ChatError } from '@p2p-secure-chat/core/errors'

/** Processes that want to run for each core of this machine, at least 1. Windows does not count them: it is always 1 there. */
const load = () => Math.max(1, (loadavg()[0] ?? 1) / availableParallelism())

/** The load from which on a program that is late is no news. */
const BUSY = 2

/** Whether so many processes want to run that being late says nothing about a program. */
export const isBusy = (): boolean => load() >= BUSY

/** A time in milliseconds on a quiet machine, and on a busy one as much more as it is slower. */
export const stretched = (milliseconds: number): number => Math.round(milliseconds * load())

/** Whether a play missed its cue: something did not come in time. That is no result, since the machine may be busy. */
export const missedCue = (error: unknown): boolean => error instanceof ChatError && error.code === 'timeout'

/** Plays, and once more where that missed a cue. @param again called before the second time */
export async function withSecondChance<T>(play: () => Promise<T>, again: () => void): Promise<T> {
  try {
    return await play()
  } catch (error) {
    if (!missedCue(error)) throw error
    again()
    return play()
  }
}
