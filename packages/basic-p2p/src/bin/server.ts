#!/usr/bin/env node
import { runCommandLine } from '@p2p-secure-chat/core/terminal/command-line'
import { basicRung } from '../basic-rung.ts'
import { serverCommand } from '../program/server-command.ts'

await runCommandLine(serverCommand(basicRung))
