#!/usr/bin/env node
import { basicRung } from '../basic-rung.ts'
import { runServerCommand } from '../program/server-command.ts'

await runServerCommand(basicRung)
