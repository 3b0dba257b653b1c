// The application's menu: the roles of the system, and the page's own commands by their ids.
import type { MenuItemConstructorOptions } from 'electron'

export type MenuOptions = {
  readonly platform: NodeJS.Platform
  readonly name: string
  readonly developing: boolean
  /** Gives a command of the page. */
  readonly command: (id: string) => void
  readonly about: () => void
}

/** Screens in the order of the work; ids and keys as the page has them. */
const SCREENS = [
  ['go.trajectories', 'Trajectories'],
  ['go.teacher', 'Teacher'],
  ['go.curriculum', 'Curriculum'],
  ['go.train', 'Train'],
  ['go.evaluate', 'Evaluate'],
  ['go.chat', 'Chat'],
  ['go.models', 'Models'],
  ['go.settings', 'Settings'],
] as const

/** Keys are the page's: it hears them first and lets them be changed, so that no accelerator stands here for its commands. */
export function menuTemplate({ platform, name, developing, command, about }: MenuOptions): MenuItemConstructorOptions[] {
  const mac = platform === 'darwin'
  const give = (id: string, label: string): MenuItemConstructorOptions => ({ label, click: () => command(id) })
  const line: MenuItemConstructorOptions = { type: 'separator' }
  const appMenu: MenuItemConstructorOptions = {
    label: name,
    submenu: [
      { label: `About ${name}`, click: about },
      line,
      give('go.settings', 'Settings…'),
      line,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      line,
      { role: 'quit' },
    ],
  }
  return [
    ...(mac ? [appMenu] : []),
    {
      label: '&File',
      submenu: [
        give('project.open', 'Open Project…'),
        give('project.new', 'New Project…'),
        give('project.sample', 'Open the Sample Project'),
        line,
        mac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu', label: '&Edit' },
    {
      label: '&View',
      submenu: [
        ...SCREENS.map(([id, label]) => give(id, label)),
        line,
        give('app.palette', 'Commands…'),
        line,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        ...(developing ? [line, { role: 'reload' } as const, { role: 'toggleDevTools' } as const] : []),
      ],
    },
    { role: 'windowMenu', label: '&Window' },
    {
      role: 'help',
      label: '&Help',
      submenu: [give('app.keys', 'Keys'), ...(mac ? [] : [{ label: `About ${name}`, click: about }])],
    },
  ]
}
