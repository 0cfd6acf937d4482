import { setting } from '../config/setting.ts'

/** Settings of an app that deletes old rows, besides how long it keeps each kind. */
export const retentionSettings = {
  retentionSweepSeconds: setting.number({
    description: 'Pause between two rounds that delete what was kept long enough',
    unit: 's',
    min: 0.1,
    max: 86_400,
    default: 60,
  }),
  retentionExportDir: setting.optionalText({
    description:
      'Directory that rows are exported to before they are deleted, as gzipped JSON lines; without it they are not exported',
  }),
}
