import { runWithOwnNode } from './bootstrap.mjs'

await runWithOwnNode('bench/src/main.ts')
