// Deletes from node_modules what no process of the image loads: source maps, types, documentation, and Prisma's query
// compilers for other databases. The tests buy with what remains.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

const UNUSED = [
  /\.(map|md|markdown|d\.ts|d\.mts|d\.cts|tsbuildinfo)$/i,
  /^query_compiler_.*\.(cockroachdb|mysql|sqlite|sqlserver)\./,
  // The package's `import` condition leads to .mjs only.
  /^query_compiler_.*\.postgresql\.(wasm-base64\.)?js$/,
  // The bundle alone is served.
  /^swagger-ui-es-bundle(-core)?\.js$/,
]

const [directory] = process.argv.slice(2)
for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !UNUSED.some((pattern) => pattern.test(entry.name))) continue
  await rm(join(entry.parentPath, entry.name))
}
