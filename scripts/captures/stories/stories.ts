import type { Story } from '../story.ts'
import { legacy } from './legacy.ts'
import { toy } from './toy.ts'
import { task1 } from './task1.ts'
import { task2 } from './task2.ts'
import { task3 } from './task3.ts'
import { task4 } from './task4.ts'

/** All that is recorded, in this order. */
export const STORIES: readonly Story[] = [task1, task2, task3, task4, legacy, toy]
