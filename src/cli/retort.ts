#!/usr/bin/env node
// The command `retort`: keeps compiled code for the next time, which halves its start, then hands over to the command line.
import { keepCompiled } from './keepCompiled.ts'

keepCompiled()
await import('./main.ts')
