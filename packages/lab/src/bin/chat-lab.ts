#!/usr/bin/env node
import { runCommandLine } from '@p2p-secure-chat/core/terminal/command-line'
import { labCommand } from '../lab-command.ts'

await runCommandLine(labCommand())
