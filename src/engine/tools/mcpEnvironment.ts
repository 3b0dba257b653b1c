// What of this process's environment an MCP server gets: not more than a program needs to start, and what the user has named.

/** No keys, tokens or settings of this process. After the SDK's own list. */
const PASSED = process.platform === 'win32'
  ? ['APPDATA', 'HOMEDRIVE', 'HOMEPATH', 'LOCALAPPDATA', 'PATH', 'PATHEXT', 'PROCESSOR_ARCHITECTURE', 'PROGRAMFILES', 'SYSTEMDRIVE', 'SYSTEMROOT', 'TEMP', 'USERNAME', 'USERPROFILE']
  : ['HOME', 'LANG', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'TMPDIR', 'USER']

/** Names of what every server gets. */
export const passedVariables = (): string[] => PASSED.filter((name) => process.env[name] !== undefined)

/** `names`: variables that it gets besides. */
export const serverEnvironment = (program: string, names: readonly string[]): NodeJS.ProcessEnv => ({
  ...Object.fromEntries([...PASSED, ...names].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))),
  ...asNode(program),
})

/** The app's own executable is Node only when it is told so. */
const asNode = (program: string): NodeJS.ProcessEnv => (program === process.execPath && process.versions['electron'] !== undefined ? { ELECTRON_RUN_AS_NODE: '1' } : {})

