import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const source = (path: string) =>
  fileURLToPath(new URL(`../../../packages/${path}`, import.meta.url));

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  plugins: [react(), tailwindcss()],
  resolve: {
    // Aliases rather than the 'source' condition: react-aria-components names that condition too,
    // and does not publish what it points to.
    alias: [
      { find: /^@countersign\/react$/, replacement: source('react/src/index.ts') },
      {
        find: /^@countersign\/server\/contract$/,
        replacement: source('server/src/contract/index.ts'),
      },
    ],
  },
  // The server replaces this with the nonce of each request.
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2024',
    // A data: font would be refused by font-src 'self', an inline preload by script-src.
    assetsInlineLimit: 0,
    modulePreload: false,
    cssCodeSplit: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // In a chunk of their own, these run before the chunks that build schemas or elements.
          groups: [
            {
              name: 'foundation',
              test: /node_modules\/zod\/|web\/src\/(?:trusted-types|strict-csp)\.ts$/u,
            },
          ],
        },
      },
    },
  },
});
