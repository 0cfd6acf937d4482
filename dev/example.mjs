import { runWithOwnNode } from './bootstrap.mjs'

await runWithOwnNode('dev/src/example/main.ts')
