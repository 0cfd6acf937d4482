import type { KnipConfig } from 'knip'

const tests = ['src/**/*.test.ts']

export default {
  workspaces: {
    '.': { entry: ['dev/*.mjs', 'docker/*', 'dependency-cruiser.config.mjs'] },
    'apps/*': { entry: ['src/main.ts', ...tests], project: ['src/**/*.ts'] },
    'apps/waiting-room': {
      entry: ['src/main.ts', 'src/admission/create-key-file.ts', 'src/pages/browser/*/main.ts', ...tests],
      project: ['src/**/*.ts'],
    },
    'packages/*': { entry: ['src/index.ts', ...tests], project: ['src/**/*.ts'] },
    'packages/database': {
      entry: ['src/index.ts', 'generate.mjs', ...tests],
      project: ['src/**/*.ts', '!src/generated/**'],
    },
    'packages/simulators': { entry: ['src/index.ts', 'src/*/main.ts', ...tests], project: ['src/**/*.ts'] },
    'packages/local-servers': { entry: ['src/index.ts', 'src/*.fixture.ts', ...tests], project: ['src/**/*.ts'] },
    'packages/testkit': { entry: ['src/index.ts', 'src/vitest/*.ts', ...tests], project: ['src/**/*.ts'] },
    dev: { entry: ['src/*/main.ts', 'src/test/left-out.ts', 'src/**/*.story.ts', ...tests], project: ['src/**/*.ts'] },
    stories: { entry: ['**/*.{story,browser,test}.ts'], project: ['**/*.ts'] },
  },
  ignoreBinaries: ['node', 'setpriv'],
} satisfies KnipConfig
