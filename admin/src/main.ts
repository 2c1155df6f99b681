import { VueQueryPlugin } from '@tanstack/vue-query'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { makeQueryClient } from './api/queries'
import { makeRouter } from './router'
import './styles/elements'
import './styles/base.css'
import './styles/blocks.css'

const queryClient = makeQueryClient()
const app = createApp(App)
app.use(createPinia())
app.use(VueQueryPlugin, { queryClient })
app.use(makeRouter(queryClient))
app.mount('#app')
