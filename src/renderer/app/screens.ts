// The screens in the order of the work, which is the order of the navigation.
export type Screen = {
  readonly name: 'trajectories' | 'curriculum' | 'train' | 'chat' | 'models' | 'settings'
  readonly path: string
  readonly icon: string
  readonly key: string
}

export const SCREENS: readonly Screen[] = [
  { name: 'trajectories', path: '/trajectories', icon: 'i-lucide-list-tree', key: 'alt+1' },
  { name: 'curriculum', path: '/curriculum', icon: 'i-lucide-layers', key: 'alt+2' },
  { name: 'train', path: '/train', icon: 'i-lucide-flask-conical', key: 'alt+3' },
  { name: 'chat', path: '/chat', icon: 'i-lucide-messages-square', key: 'alt+4' },
  { name: 'models', path: '/models', icon: 'i-lucide-box', key: 'alt+5' },
  { name: 'settings', path: '/settings', icon: 'i-lucide-settings', key: 'alt+6' },
]
