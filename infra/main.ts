#!/usr/bin/env node
/** The program: `nessus-mcp <command>`. */
import { makeProgram } from './program.ts'

await makeProgram().parseAsync()
