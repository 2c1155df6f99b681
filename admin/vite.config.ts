import vue from '@vitejs/plugin-vue'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const server = process.env['TIHUO_PUBLIC_URL'] ?? 'http://127.0.0.1:8000'

export default defineConfig({
  base: '/admin/',
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': { target: server, ws: true },
      '/files': { target: server },
    },
  },
  build: {
    target: 'es2020',
    // The server forbids inline data: scripts and fonts; small pictures stay files of their own.
    assetsInlineLimit: 0,
    rollupOptions: {
      output: {
        manualChunks: (id) => {
          if (/node_modules\/(@tiptap|prosemirror|orderedmap|rope-sequence|w3c-keyname|linkifyjs)/.test(id)) return 'editor'
          if (/node_modules\/(@?vue|pinia|vue-router|@tanstack|openapi-fetch)/.test(id)) return 'vue'
          return undefined
        },
      },
    },
  },
  test: {
    environment: 'jsdom',
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/setup.ts'],
    server: { deps: { inline: ['element-plus'] } },
    restoreMocks: true,
  },
})
