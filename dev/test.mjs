import { runWithOwnNode } from './bootstrap.mjs'

await runWithOwnNode('dev/src/test/main.ts')
