// Addresses of the screens; each screen is loaded when it is first opened.
import type { RouteRecordRaw } from 'vue-router'

export const routes: readonly RouteRecordRaw[] = [
  { path: '/', redirect: '/trajectories' },
  { path: '/trajectories', name: 'trajectories', component: () => import('../trajectories/TrajectoriesScreen.vue') },
  { path: '/trajectories/curate', name: 'curate', component: () => import('../curation/CurateScreen.vue') },
  { path: '/trajectories/:id', name: 'trajectory', component: () => import('../editor/TrajectoryScreen.vue'), props: true },
  { path: '/teacher', name: 'teacher', component: () => import('../teacher/TeacherScreen.vue') },
  { path: '/teacher/:id', name: 'batch', component: () => import('../teacher/TeacherScreen.vue'), props: true },
  { path: '/curriculum', name: 'curriculum', component: () => import('../curriculum/CurriculumScreen.vue') },
  { path: '/train', name: 'train', component: () => import('../train/TrainScreen.vue') },
  { path: '/train/:run', name: 'run', component: () => import('../train/TrainScreen.vue'), props: true },
  { path: '/evaluate', name: 'evaluate', component: () => import('../evaluate/EvaluateScreen.vue') },
  { path: '/evaluate/ladder/:id', name: 'ladder', component: () => import('../evaluate/EvaluateScreen.vue'), props: ({ params }) => ({ id: params['id'], ladder: true }) },
  { path: '/evaluate/:id', name: 'evaluation', component: () => import('../evaluate/EvaluateScreen.vue'), props: true },
  { path: '/chat', name: 'chat', component: () => import('../chat/ChatScreen.vue') },
  { path: '/models', name: 'models', component: () => import('../models/ModelsScreen.vue') },
  { path: '/settings', name: 'settings', component: () => import('../settings/SettingsScreen.vue') },
  { path: '/:rest(.*)*', redirect: '/trajectories' },
]
