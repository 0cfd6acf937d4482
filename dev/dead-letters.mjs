import { runWithOwnNode } from './bootstrap.mjs'

await runWithOwnNode('dev/src/dead-letters/main.ts')
