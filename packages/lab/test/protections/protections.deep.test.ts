import { test } from 'vitest'
import { PROTECTIONS } from './protections.ts'
import { expectBreaks, removeBuilds } from './without.ts'

removeBuilds()

// At once, since some plays wait for deadlines of their victims.
test.concurrent.for(PROTECTIONS)('without $name', (protection, { expect }) => expectBreaks(protection, expect))
