#!/usr/bin/env node
import { runCommandLine } from '@p2p-secure-chat/core/terminal/command-line'
import { textbookCommand } from '../textbook/textbook-command.ts'

await runCommandLine(textbookCommand())
