// Entry of the page.
import { createApp } from 'vue'
import { SHELL_KEY, shellInfoSchema } from '../shared/contract/shell.ts'
import App from './App.vue'
import './styles/app.css'

const shell = shellInfoSchema.safeParse(Reflect.get(window, SHELL_KEY))
createApp(App, { version: __APP_VERSION__, shell: shell.success ? shell.data : null }).mount('#app')
