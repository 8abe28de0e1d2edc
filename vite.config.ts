import { resolve } from "node:path";
import { defineConfig } from "vite";

const root = resolve(import.meta.dirname, "src/web");

/** The pages that the Worker serves as static assets. Everything they load is bundled: no request leaves the site. */
export default defineConfig({
  root,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: resolve(import.meta.dirname, "dist"),
    emptyOutDir: true,
    // The reference's viewer is one module of 1.4 MB, and nothing else loads it.
    chunkSizeWarningLimit: 2_000,
    rolldownOptions: {
      input: {
        live: resolve(root, "index.html"),
        reference: resolve(root, "reference/index.html"),
        invitation: resolve(root, "invitation/index.html"),
      },
    },
  },
});
