import { runService } from '@floodgate/runtime'
import { createApp } from './app.ts'
import { createChecks } from './checks.ts'
import { definition } from './config.ts'

await runService({ definition, createApp, createChecks })
