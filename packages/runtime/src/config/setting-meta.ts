/** What the documents (`--help`, `.env.example`, the README's table) say about a setting. */
export interface SettingMeta {
  readonly description: string
  readonly unit?: string
  readonly secret?: boolean
  readonly type: string
}
