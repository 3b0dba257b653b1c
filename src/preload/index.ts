// The bridge: tells the page which shell it runs in, and nothing more.
import { contextBridge } from 'electron'
import { SHELL_KEY, type ShellInfo } from '../shared/contract/shell.ts'

const shell: ShellInfo = { kind: 'electron', platform: process.platform }
contextBridge.exposeInMainWorld(SHELL_KEY, shell)
