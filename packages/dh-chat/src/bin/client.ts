#!/usr/bin/env node
import { clientCommand } from '@p2p-secure-chat/basic-p2p/program/client-command'
import { runCommandLine } from '@p2p-secure-chat/core/terminal/command-line'
import { dhRung } from '../dh-rung.ts'

await runCommandLine(clientCommand(dhRung))
