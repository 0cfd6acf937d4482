/** Describes a setting for the documents (`--help`, `.env.example`, the README's table). */
export interface SettingMeta {
  readonly description: string
  readonly unit?: string
  readonly secret?: boolean
  readonly type: string
}
