import { runWithOwnNode } from './bootstrap.mjs'

await runWithOwnNode('dev/src/trace/main.ts')
