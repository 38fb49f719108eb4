import { endChildrenWithUs } from './marked-processes.ts'

/** Runs in the process of vitest: its workers, and all that they start, end with it. */
export const setup = (): void => endChildrenWithUs('P2PC_TEST_RUN')
