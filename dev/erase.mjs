import { runWithOwnNode } from './bootstrap.mjs'

await runWithOwnNode('dev/src/erase/main.ts')
