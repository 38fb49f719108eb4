#!/usr/bin/env node
import { runClientCommand } from '@p2p-secure-chat/basic-p2p/program/client-command'
import { dhRung } from '../dh-rung.ts'

await runClientCommand(dhRung)
