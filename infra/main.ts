#!/usr/bin/env node
/** The program: `nessus-mcp <command>`. */
import { makeProgram } from './cli/program.ts'

const program = await makeProgram(process.argv.slice(2))
await program.parseAsync()
