#!/usr/bin/env node
import { runCommandLine } from '@p2p-secure-chat/core/terminal/command-line'
import { calcClientCommand } from '../commands.ts'

await runCommandLine(calcClientCommand())
