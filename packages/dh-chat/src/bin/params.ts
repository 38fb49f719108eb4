#!/usr/bin/env node
import { runCommandLine } from '@p2p-secure-chat/core/terminal/command-line'
import { paramsCommand } from '../group/params-command.ts'

await runCommandLine(paramsCommand())
