// The bridge: tells the page which shell it runs in, and nothing more.
import { contextBridge } from 'electron'
import type { SHELL_KEY, ShellInfo } from '../shared/contract/shell.ts'

// Types only: the schema's library has no place in this script.
const key: typeof SHELL_KEY = 'retortShell'
const shell: ShellInfo = { kind: 'electron', platform: process.platform }
contextBridge.exposeInMainWorld(key, shell)
