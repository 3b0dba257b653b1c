// The screens in the order of the work, which is the order of the navigation.
export type Screen = {
  readonly name: 'trajectories' | 'teacher' | 'curriculum' | 'train' | 'evaluate' | 'chat' | 'models' | 'settings'
  readonly path: string
  readonly icon: string
  readonly key: string
}

export const SCREENS: readonly Screen[] = [
  { name: 'trajectories', path: '/trajectories', icon: 'i-lucide-list-tree', key: 'alt+1' },
  { name: 'teacher', path: '/teacher', icon: 'i-lucide-graduation-cap', key: 'alt+2' },
  { name: 'curriculum', path: '/curriculum', icon: 'i-lucide-layers', key: 'alt+3' },
  { name: 'train', path: '/train', icon: 'i-lucide-flask-conical', key: 'alt+4' },
  { name: 'evaluate', path: '/evaluate', icon: 'i-lucide-target', key: 'alt+5' },
  { name: 'chat', path: '/chat', icon: 'i-lucide-messages-square', key: 'alt+6' },
  { name: 'models', path: '/models', icon: 'i-lucide-box', key: 'alt+7' },
  { name: 'settings', path: '/settings', icon: 'i-lucide-settings', key: 'alt+8' },
]
