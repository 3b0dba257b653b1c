// The Electron shell: one sandboxed window that shows the built renderer and can go nowhere else.
import { join } from 'node:path'
import { app, BrowserWindow, session } from 'electron'

function openWindow(): void {
  const window = new BrowserWindow({
    width: 1000,
    height: 700,
    webPreferences: {
      preload: join(import.meta.dirname, '../preload/index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
    },
  })
  window.webContents.setWindowOpenHandler(() => ({ action: 'deny' }))
  window.webContents.on('will-navigate', (event) => event.preventDefault())
  window.webContents.on('will-attach-webview', (event) => event.preventDefault())
  window.loadFile(join(import.meta.dirname, '../renderer/index.html')).catch((error: unknown) => {
    process.stderr.write(`retort: the window could not be loaded: ${String(error)}\n`)
    app.exit(1)
  })
}

app.on('window-all-closed', () => app.quit())
// Not awaited at top level: Electron gets ready only once this module has been evaluated.
app.whenReady().then(
  () => {
    session.defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false))
    session.defaultSession.setPermissionCheckHandler(() => false)
    openWindow()
  },
  (error: unknown) => {
    process.stderr.write(`retort: Electron did not start: ${String(error)}\n`)
    app.exit(1)
  },
)
