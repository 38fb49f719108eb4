#!/usr/bin/env node
import { basicRung } from '../basic-rung.ts'
import { runServerCommand } from '../directory/server-command.ts'

await runServerCommand(basicRung)
