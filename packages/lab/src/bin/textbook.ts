#!/usr/bin/env node
import { runTextbook } from '../textbook/program.ts'

await runTextbook(process.argv.slice(2))
