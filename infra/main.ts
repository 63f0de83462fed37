#!/usr/bin/env node
/** The program: `nessus-mcp <command>`. */
import { letterIdsLast } from './cli/operator/letter-options.ts'
import { makeProgram } from './cli/program.ts'

const args = letterIdsLast(process.argv.slice(2))
const program = await makeProgram(args)
await program.parseAsync(args, { from: 'user' })
