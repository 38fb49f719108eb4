#!/usr/bin/env node
import { runServerCommand } from '@p2p-secure-chat/basic-p2p/program/server-command'
import { dhRung } from '../dh-rung.ts'

await runServerCommand(dhRung)
