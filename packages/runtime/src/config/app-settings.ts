import {
  busSettings,
  commonSettings,
  databaseUrlSetting,
  opsSettings,
  redisUrlSetting,
  workersSetting,
} from './common-settings.ts'
import { connectionSettings, socketSettings } from './connection-settings.ts'
import { setting } from './setting.ts'
import { tracingSettings } from './tracing-settings.ts'

/** Distance of an app's operations port from its own port. */
const OPS_PORT_DISTANCE = 1_000

function portSetting(port: number, description: string) {
  return setting.integer({ description, unit: 'port', min: 0, max: 65_535, default: port })
}

/** The settings of an app's stores, its bus and its operator. */
const serverSettings = {
  databaseUrl: databaseUrlSetting,
  redisUrl: redisUrlSetting,
  adminToken: setting.secret({
    description:
      'Bearer token of the first admin, and of calls between the apps; people have tokens of their own (ADR 0058)',
  }),
  ...busSettings,
}

/** Returns the settings that every app begins with, in the order of the configuration documents. */
export function appSettings({ port }: { readonly port: number }) {
  return {
    port: portSetting(port, 'Port to listen on'),
    ...opsSettings(port + OPS_PORT_DISTANCE),
    ...workersSetting,
    ...commonSettings,
    ...connectionSettings,
    ...serverSettings,
    ...tracingSettings,
  }
}

/** Returns these settings, and those of WebSockets. */
export function socketAppSettings({ port }: { readonly port: number }) {
  return {
    port: portSetting(port, 'Port to listen on; 0 picks a free port'),
    ...opsSettings(port + OPS_PORT_DISTANCE),
    ...workersSetting,
    ...commonSettings,
    ...connectionSettings,
    ...socketSettings,
    ...serverSettings,
    ...tracingSettings,
  }
}
