export { chooseLanguage, type LanguageWish } from './choose-language.ts'
export { LANGUAGES, type Languages, loadLanguages } from './languages.ts'
export type * from './texts.ts'
