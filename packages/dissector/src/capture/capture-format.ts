import type { ByteQueue } from './byte-queue.ts'
import type { DeliverItem } from './capture-item.ts'

/** How to read the packets of one file format. */
export interface CaptureFormat {
  /** Takes everything from the queue that is complete. */
  read(queue: ByteQueue, deliver: DeliverItem): void
  /** Number of the packet that would come next. */
  readonly next: number
}
