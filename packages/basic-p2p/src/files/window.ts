import { CHUNK_BYTES } from '../messages/files.ts'

/** Chunks that may be under way, from the disk of one side to that of the other; see WINDOW. */
export const WINDOW_CHUNKS = 16

/**
 * Bytes that may be under way (about 1 MiB): enough for 10 MB/s at 100 ms, and little enough for the memory of both sides
 * and for the texts that wait behind them.
 */
export const WINDOW = WINDOW_CHUNKS * CHUNK_BYTES

/** Files of one direction that may be offered and not over at once. */
export const FILES_AT_ONCE = 4
