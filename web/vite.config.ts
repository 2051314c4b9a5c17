import { join } from 'node:path';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import adapter from '@sveltejs/adapter-node';
import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';
import { bareCalls } from './bare-calls.ts';

const api = process.env['SAFESEND_LOOPBACK'] ?? 'http://127.0.0.1:3000';

export default defineConfig({
  plugins: [
    paraglideVitePlugin({
      // Absolute, because the tests load this file from the root of the repository.
      project: join(import.meta.dirname, 'project.inlang'),
      outdir: join(import.meta.dirname, 'src/lib/paraglide'),
      strategy: ['cookie', 'preferredLanguage', 'baseLocale'],
      cookieName: 'safesend_locale',
    }),
    bareCalls(),
    tailwindcss(),
    sveltekit({
      adapter: adapter({ out: 'build', envPrefix: 'SAFESEND_WEB_' }),
      csp: {
        mode: 'nonce',
        directives: {
          'default-src': ['self'],
          'script-src': ['self'],
          // Positioned menus, virtual lists and the emoji picker write styles, never scripts, at run time.
          'style-src': ['self', 'unsafe-inline'],
          'img-src': ['self', 'data:', 'blob:'],
          'font-src': ['self'],
          'media-src': ['self', 'blob:'],
          'connect-src': ['self'],
          'worker-src': ['self'],
          'manifest-src': ['self'],
          'object-src': ['none'],
          'base-uri': ['none'],
          'form-action': ['self'],
          'frame-ancestors': ['none'],
        },
      },
    }),
  ],
  // How long each plugin took is for those who write plugins.
  build: {
    rolldownOptions: {
      checks: { bundlerTimings: false },
      output: {
        // An icon of its own file costs three times its size: those of more than one page share one.
        codeSplitting: { groups: [{ name: 'icons', test: /@lucide[\\/]svelte/, minShareCount: 2 }] },
      },
    },
  },
  server: {
    proxy: { '/api': { target: api }, '/socket.io': { target: api, ws: true } },
  },
});
